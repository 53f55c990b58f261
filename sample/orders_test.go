package sample

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const header = "line_id,order_id,order_date,ship_date,product_id,sub_category,product_name," +
	"quantity\n"

func TestReadOrders(t *testing.T) {
	lines, err := ReadOrders(strings.NewReader(byteOrderMark + header +
		"1,O-1,2014-01-03,2014-01-07,PA-1,Paper,\"Message Book, 5 1/2\"\" X 4\"\"\",2\r\n" +
		"2,O-1,2014-01-03,,LA-1,Labels,Avery 508,14\n"))
	want := []OrderLine{
		{OrderID: "O-1", LineID: "1", OrderedOn: "2014-01-03", ShipOn: "2014-01-07", SKU: "PA-1",
			Name: `Message Book, 5 1/2" X 4"`, Kind: "Paper", Pieces: 2},
		{OrderID: "O-1", LineID: "2", OrderedOn: "2014-01-03", SKU: "LA-1", Name: "Avery 508",
			Kind: "Labels", Pieces: 14},
	}
	if err != nil || fmt.Sprint(lines) != fmt.Sprint(want) {
		t.Errorf("%+v, %v", lines, err)
	}
}

func TestReadOrdersNeedsOnlySomeColumns(t *testing.T) {
	lines, err := ReadOrders(strings.NewReader(
		"quantity,colour,product_name,product_id,order_date,order_id,line_id\n" +
			"3,red,Pen,P1,2020-02-29,A,1\n"))
	if err != nil || len(lines) != 1 || lines[0].Pieces != 3 || lines[0].ShipOn != "" {
		t.Errorf("%+v, %v", lines, err)
	}
}

func TestReadOrdersRefuses(t *testing.T) {
	good := "1,A,2014-01-03,,P1,,Pen,2\n"
	long := strings.Repeat("x", 40)
	for name, c := range map[string]struct{ file, want string }{
		"nothing":       {"", "line 1: the file is empty; its first line must name the columns"},
		"no lines":      {header, "line 1: there is no order line below the header"},
		"other columns": {"a;b;c\n", "line 1: it names none of the columns line_id, order_id"},
		"a column less": {strings.Replace(header, "product_id", "x", 1) + good,
			"line 1: the header lacks product_id; add what is missing"},
		"a column twice": {strings.Replace(header, "sub_category", "line_id", 1) + good,
			"line 1, column line_id: is there twice; remove one"},
		"a field less": {header + good + "2,A,2014-01-03,P1,,Pen,2\n",
			"line 3: it has not as many fields as the header; quote fields that have a comma"},
		"a stray quote": {header + "1,A,2014-01-03,,P1,,5\" pen,2\n",
			"line 2: bare \" in non-quoted-field; double the quotes inside a quoted field"},
		"no code": {header + "1,,2014-01-03,,P1,,Pen,2\n",
			"line 2, column order_id: \"\" is empty; correct it"},
		"a bad code": {header + "1,A,2014-01-03,, P1,,Pen,2\n",
			"line 2, column product_id: \" P1\" begins or ends with a space; correct it"},
		"not UTF-8": {header + "1,A,2014-01-03,,P1,,P\xe9n,2\n",
			"line 2, column product_name: is not valid UTF-8; correct it"},
		"no date": {header + "1,A,01/03/2014,,P1,,Pen,2\n",
			"line 2, column order_date: \"01/03/2014\" is not a date such as \"2026-01-31\""},
		"shipped before": {header + "1,A,2014-01-03,2014-01-02,P1,,Pen,2\n",
			"line 2, column ship_date: 2014-01-02 is before the order's date 2014-01-03"},
		"no quantity": {header + "1,A,2014-01-03,,P1,,Pen,\n",
			"line 2, column quantity: \"\" is not a whole number of pieces from 1"},
		"none":     {header + "1,A,2014-01-03,,P1,,Pen,0\n", "column quantity: \"0\""},
		"a part":   {header + "1,A,2014-01-03,,P1,,Pen,1.5\n", "column quantity: \"1.5\""},
		"too much": {header + "1,A,2014-01-03,,P1,,Pen,1000000001\n", "column quantity"},
		"twice": {header + good + good,
			"line 3, column line_id: line 2 has the same order_id and line_id"},
		"one task twice": {header + "B/1,A,2014-01-03,,P1,,Pen,2\n1,A/B,2014-01-03,,P1,,Pen,2\n",
			"line 3, column line_id: line 2 has the same"},
		"too long": {header + long + "," + long + ",2014-01-03,,P1,,Pen,2\n",
			"line 2, column line_id: order_id and line_id have more than 63 characters together"},
		"several": {header + good + "2,A,,,P1,,Pen,2\n3,,,,P1,,Pen,2\n4,A,2014-01-03,,P1,,Pen,2\n" +
			"5,A,2014-01-03,,P1,,Pen,x\n", "not a date such as \"2026-01-31\"; write dates so; " +
			"line 4, 6 too; nothing was imported"},
	} {
		lines, err := ReadOrders(strings.NewReader(c.file))
		bad := (*BadFile)(nil)
		if !errors.As(err, &bad) || lines != nil || !strings.Contains(err.Error(), c.want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestBadFileNamesOnlySomeLines(t *testing.T) {
	file := header
	for line := range 50 {
		file += fmt.Sprintf("%d,A,2014-01-03,,P1,,Pen,x\n", line)
	}
	_, err := ReadOrders(strings.NewReader(file))
	if err == nil || !strings.HasSuffix(err.Error(),
		"; line 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 too and 39 more; nothing was imported") {
		t.Error(err)
	}
}
