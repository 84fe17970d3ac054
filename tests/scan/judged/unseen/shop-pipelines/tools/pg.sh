#!/usr/bin/env bash
: "${IONOSCTL:=ionosctl}"
readonly ENDPOINT='https://api.ionos.com/databases/postgresql'
call() { curl --silent --user "${IONOS_USERNAME}:${IONOS_PASSWORD}" --header "X-Contract-Number: $CONTRACT" "$ENDPOINT/$1"; }
case "${1:-}" in
  users) call "clusters/$2/users" ;;
  logs) "$IONOSCTL" dbaas postgres logs list -i "$2" ;;
  wait) while call "clusters/$2" | grep -q '"state": *"BUSY"'; do sleep 5; done ;;
  servers) "$IONOSCTL" server list ;;
  *) echo "usage: pg.sh users|logs|wait" >&2 ;;
esac
