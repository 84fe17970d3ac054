#!/bin/sh
set -eu
terraform state pull > prod.tfstate
