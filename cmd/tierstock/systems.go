package main

import (
	"fmt"
	"reflect"

	"github.com/alecthomas/kong"

	"tierstock/jobs"
	"tierstock/wmsync"
	"tierstock/wmsync/config"
)

// systemsKey is what the systems to sync with stand under in the configuration file.
const systemsKey = "systems"

// syncing is part of the commands that speak to the systems of the configuration file: session has
// them, their secrets read. To other commands the file only has to be right.
type syncing struct{}

func (syncing) needsSystems() {}

// needsSystems says whether the command that was chosen speaks to systems.
func needsSystems(parsing *kong.Context) bool {
	chosen := parsing.Selected()
	if chosen == nil {
		return false
	}
	_, needs := reflect.TypeAssert[interface{ needsSystems() }](chosen.Target.Addr())
	return needs
}

// readSystems reads the systems of a configuration file; without their secrets there are none.
func readSystems(file configFile, withSecrets bool) ([]wmsync.System, error) {
	node, given := file[systemsKey]
	if !given {
		return nil, nil
	}
	options := config.Options{Schedule: jobs.CheckSchedule}
	if withSecrets {
		options.Secret = config.ReadSecret
	}
	systems, err := config.Parse(&node, options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", systemsKey, err)
	}
	if !withSecrets {
		return nil, nil
	}
	return systems, nil
}
