package main

import (
	"crypto/tls"
	"fmt"
	"reflect"

	"github.com/alecthomas/kong"

	"tierstock/jobs"
	"tierstock/wmsync"
	"tierstock/wmsync/config"
	"tierstock/wmsync/kafka"
	"tierstock/wmsync/tryton"
	"tierstock/wmsync/wes"
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

// remotesOf makes a connection to each system; nothing is dialled before it is used. hangUp ends
// what they keep.
func remotesOf(systems []wmsync.System) (remotes []wmsync.Remote, hangUp func(), err error) {
	var sinks []*kafka.Sink
	hangUp = func() {
		for _, sink := range sinks {
			sink.Close()
		}
	}
	for _, system := range systems {
		remote := wmsync.Remote{System: system}
		switch system.Kind {
		case wmsync.KindWES:
			client := wes.New(system, wes.Options{})
			remote.Source, remote.Sink = client, client
		case wmsync.KindTryton:
			client := tryton.New(system, tryton.Options{})
			remote.Source, remote.Sink = client, client
		case wmsync.KindKafka:
			options := kafka.Options{}
			if system.TLS {
				options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
			}
			sink, err := kafka.New(system, options)
			if err != nil {
				hangUp()
				return nil, nil, fmt.Errorf("--config: system %s: %w", system.Name, err)
			}
			sinks = append(sinks, sink)
			remote.Sink = sink
		}
		if !system.Push {
			remote.Sink = nil
		}
		remotes = append(remotes, remote)
	}
	return remotes, hangUp, nil
}
