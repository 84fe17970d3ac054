create_cluster() {
  local id=$1
  cat > body.json <<JSON
{"properties": {"displayName": "reports-weekly", "postgresVersion": "15",
  "ram": 4096, "storageSize": 20480}}
JSON
  curl -fsS -X POST -d @body.json https://api.ionos.com/databases/postgresql/clusters
  ssh "$JUMP" bash -s <<'EOF'
ionosctl dbaas postgres cluster get --cluster-id 9c3f5b81-2d4e-4f60-9bac-3e5d7f901b03
ionosctl dbaas postgres user delete --cluster-id 9c3f5b81-2d4e-4f60-9bac-3e5d7f901b03 --user old -f
EOF
  cat <<'EOF'
Usage: create_cluster ID
EOF
}
