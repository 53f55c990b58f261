// Package forecast says what demand to expect from what was asked for: series in, a forecast and
// the errors it made in a back-test out. It knows no database and no clock.
//
// A forecast is of an amount a day, for replenishment: how much to keep, and when to buy. The
// method is chosen for each series by a back-test among a few simple ones, see methods.
package forecast
