// Package sample is a warehouse to try the engine on: its zones, bins and articles, three years
// of a shop's orders, and the days on which goods are received and put away, orders promised,
// picked, now and then short, and shipped. The articles and orders come from a simulated WMS, which
// is told what happened: see WMS. It also imports order files of the same shape into any warehouse.
//
// What happens on which day is planned before anything is written, from the orders alone: see
// plan. So an interrupted replay goes on to the same end, and what the engine answers can be
// checked against the plan. It is a client of the engine like any other, and writes no stock
// itself.
package sample
