#!/bin/sh
knife ionoscloud dbaas postgres cluster list
knife ionoscloud dbaas postgres logs get -C "$1"
knife ionoscloud server list -D "$2"
knife node list
