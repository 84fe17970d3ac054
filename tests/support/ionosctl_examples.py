"""Lines to type before `--as cli`, and the lines of ionosctl that it adds."""

V1, V2 = "ionosctl dbaas postgres", "ionosctl dbaas postgres-v2"
ORDERS, PAYMENTS = "--cluster-id <orders-prod>", "--location de/txl --cluster-id <payments-prod>"
V1_UPDATE = f"{V1} cluster update {ORDERS}"
V2_UPDATE = f'{V2} cluster update {PAYMENTS} --db-password "$DB_PASSWORD"'
SECRETS = '--db-username "$DB_USERNAME" --db-password "$DB_PASSWORD"'
BACKUP = "<orders-prod>-bi2ogtz-15"
WHY = "--reason why"
ADDRESS = "--address 10.1.2.9/24"
DATACENTER = "1e2feb89-414c-443c-9027-c4d1c386bbc4"
MOVE = f"--lan 3 --datacenter {DATACENTER} {ADDRESS}"
MOVED = f"--datacenter-id {DATACENTER} --lan-id 3 --cidr 10.1.2.9/24"

LINES = {
    "cluster list": (f"{V1} cluster list", f"{V2} cluster list"),
    "cluster list --api v2": (f"{V2} cluster list",),
    "cluster list orders --region de-txl --state available": (
        f"{V1} cluster list --name orders",
        f"{V2} cluster list --name orders --state AVAILABLE --location de/txl",
    ),
    "cluster show orders-prod": (f"{V1} cluster get {ORDERS}",),
    "cluster show payments-prod": (f"{V2} cluster get {PAYMENTS}",),
    "cluster create payments-prod-2 --like payments-prod --logs on --address 10.1.2.9/24": (
        f"{V2} cluster create --location de/txl --name payments-prod-2 --version 16 --instances 3 --cores 4 "
        "--ram 16GB --storage-size 200GB --datacenter-id cd613e30-d8f1-4adf-91b7-584a2265b1f5 --lan-id 8 "
        "--cidr 10.1.2.9/24 --maintenance-day Sunday --maintenance-time 03:45:00 "
        f'--backup-location eu-central-3 {SECRETS} --database "$DB_NAME" '
        "--sync-mode STRICTLY_SYNCHRONOUS --connection-pooler DISABLED --logs-enabled=true "
        "--metrics-enabled=true",
    ),
    f"cluster create payments-prod-3 --like orders-prod --from-backup {BACKUP} --to 2h {ADDRESS}": (
        f"{V1} cluster create --location de/txl --name payments-prod-3 --version 15 --instances 2 --cores 4 "
        "--ram 8GB --storage-size 100GB --datacenter-id cd613e30-d8f1-4adf-91b7-584a2265b1f5 --lan-id 8 "
        "--cidr 10.1.2.9/24 --maintenance-day Tuesday --maintenance-time 18:00:00 "
        f"--backup-location de --backup-id {BACKUP} --recovery-time 2026-11-23T07:00:00Z {SECRETS} "
        "--storage-type SSD_PREMIUM --sync ASYNCHRONOUS",
    ),
    "cluster resize orders-prod --cores 8 --ram 16": (f"{V1_UPDATE} --cores 8 --ram 16GB",),
    "cluster resize payments-prod --storage 400 --instances 4": (
        f"{V2_UPDATE} --instances 4 --storage-size 400GB",
    ),
    f"cluster rename orders-prod 'a b' {WHY}": (f"{V1_UPDATE} --name 'a b'",),
    f"cluster rename payments-prod pay {WHY}": (f"{V2_UPDATE} --name pay",),
    f"cluster upgrade orders-prod 16 {WHY}": (f"{V1_UPDATE} --version 16",),
    f"cluster upgrade payments-prod 17 {WHY}": (f"{V2_UPDATE} --version 17",),
    "cluster maintenance orders-prod --day sunday --time 03:30": (
        f"{V1_UPDATE} --maintenance-day Sunday --maintenance-time 03:30:00",
    ),
    "cluster maintenance payments-prod --time 03:30": (
        f"{V2_UPDATE} --maintenance-day Sunday --maintenance-time 03:30:00",
    ),
    f"cluster network orders-prod {MOVE}": (f"{V1_UPDATE} {MOVED}",),
    "cluster network orders-prod --detach": (f"{V1_UPDATE} --remove-connection=true",),
    f"cluster network payments-prod {MOVE}": (f"{V2_UPDATE} {MOVED}",),
    "cluster pooler orders-prod session": (),
    "cluster pooler payments-prod session": (f"{V2_UPDATE} --connection-pooler SESSION",),
    "cluster replication ledger-prod asynchronous": (),
    "cluster replication payments-prod asynchronous": (f"{V2_UPDATE} --sync-mode ASYNCHRONOUS",),
    "cluster logging payments-prod --logs on --metrics off": (
        f"{V2_UPDATE} --logs-enabled=true --metrics-enabled=false",
    ),
    f"cluster delete orders-prod {WHY}": (f"{V1} cluster delete {ORDERS}",),
    f"cluster delete payments-prod {WHY}": (f"{V2} cluster delete {PAYMENTS}",),
    f"restore orders-prod --newest {WHY}": (f"{V1} cluster restore {ORDERS} --backup-id {BACKUP}",),
    f"restore orders-prod --to 2h {WHY}": (
        f"{V1} cluster restore {ORDERS} --backup-id {BACKUP} --recovery-time 2026-11-23T07:00:00+00:00",
    ),
    f"restore payments-prod --to 2h {WHY}": (),
    "backup list": (f"{V1} backup list", f"{V2} backup list"),
    "backup list orders-prod": (f"{V1} cluster backup list {ORDERS}",),
    "backup list payments-prod": (f"{V2} backup list {PAYMENTS}",),
    "backup show <orders-prod>-b": (f"{V1} backup get --backup-id {BACKUP}",),
    "backup show <orders-prod> orders-prod": (f"{V1} backup get --backup-id {BACKUP}",),
    "backup show 6abffa64": (
        f"{V2} backup get --location de/txl --backup-id 6abffa64-0677-57e7-8093-9aa8e0442e29",
    ),
    "user list orders-prod": (f"{V1} user list {ORDERS}",),
    "user list orders-prod --system": (f"{V1} user list {ORDERS} --system=true",),
    "user show orders-prod orders": (f"{V1} user get {ORDERS} --user orders",),
    "user create orders-prod app": (f'{V1} user create {ORDERS} --user app --password "$DB_PASSWORD"',),
    "user password orders-prod orders": (
        f'{V1} user update {ORDERS} --user orders --password "$DB_PASSWORD"',
    ),
    "user delete orders-staging Orders-QA": (
        f"{V1} user delete --cluster-id <orders-staging> --user Orders-QA",
    ),
    "database list orders-prod": (f"{V1} database list {ORDERS}",),
    "database create orders-prod 'a b' --owner orders": (
        f"{V1} database create {ORDERS} --database 'a b' --owner orders",
    ),
    "database delete orders-prod orders": (f"{V1} database delete {ORDERS} --database orders",),
    "log show orders-prod --limit 500 --grep nothing-has-this": (
        f"{V1} logs list {ORDERS} --start-time 2026-11-23T08:00:00+00:00 --limit 500",
    ),
    "version list": (f"{V1} version list", f"{V2} version list"),
    "version list --api v2 --region de/fra": (f"{V2} version list --location de/fra",),
    "status": (),
    "migration status": (),
    "drill orders-prod": (),
}
"""Lines typed before `--as cli`, and the lines it adds, with <name> for a cluster's id."""
