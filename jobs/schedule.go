package jobs

import (
	"errors"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// CheckSchedule says what is wrong with a cron expression: five fields, or a word such as @hourly.
// A time zone does not belong into it.
func CheckSchedule(spec string) error {
	// The parser, which would take a time zone, falls over one that nothing follows.
	if strings.Contains(spec, "TZ=") {
		return errors.New("has a time zone in it")
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return errors.New("is no schedule: " + err.Error())
	}
	if schedule.Next(time.Now()).IsZero() {
		return errors.New("is a day that never comes")
	}
	return nil
}
