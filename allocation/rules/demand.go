package rules

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tierstock/allocation"
	"tierstock/model"
)

// ReadDemand reads a demand from key=value texts, whose keys are Attributes. Without qty it is for
// one.
func ReadDemand(pairs []string) (demand allocation.Demand, err error) {
	demand.Qty = model.One
	texts := map[string]*string{"warehouse": &demand.Warehouse, "owner": &demand.Owner,
		"sku": &demand.SKU, "jobType": &demand.JobType, "orderId": &demand.OrderID,
		"lineId": &demand.LineID, "channel": &demand.Channel, "pack": &demand.Pack,
		"batch": &demand.Batch}
	given := map[string]bool{}
	for _, pair := range pairs {
		key, value, found := strings.Cut(pair, "=")
		text := texts[key]
		switch {
		case !found:
			err = fmt.Errorf("%q is not key=value", pair)
		case given[key]:
			err = fmt.Errorf("%s is given twice", key)
		case text != nil:
			*text = value
		case key == "priority":
			demand.Priority, err = strconv.ParseInt(value, 10, 32)
		case key == "minRemainingDays":
			demand.MinRemainingDays, err = strconv.Atoi(value)
		case key == "shipComplete":
			demand.ShipComplete, err = strconv.ParseBool(value)
		case key == qtyName:
			demand.Qty, err = model.ParseQuantity(value)
		default:
			err = fmt.Errorf("a demand has no %q; it has %s", key, strings.Join(Attributes, ", "))
		}
		if err != nil {
			if _, wrong := errors.AsType[*strconv.NumError](err); wrong {
				err = fmt.Errorf("%s: %q is no such value", key, value)
			}
			return demand, err
		}
		given[key] = true
	}
	return demand, nil
}
