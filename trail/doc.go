// Package trail follows a request through the program: its id, who asked, its line in the log, and
// its trace from HTTP to the commit. It knows nothing of stock, and of what a request holds it
// keeps neither variables nor tokens nor SQL values.
package trail
