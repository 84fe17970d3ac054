import subprocess
import sys

CTL = ["ionosctl", "dbaas", "postgres"]


def clusters() -> str:
    return subprocess.run(["ionosctl", "dbaas", "postgres", "cluster", "list"], capture_output=True).stdout


def databases(cluster: str) -> None:
    subprocess.check_call(f"ionosctl dbaas postgres database list --cluster-id {cluster}", shell=True)


def mongos() -> None:
    subprocess.check_call(["ionosctl", "dbaas", "mongo", "cluster", "list"])


def backups(cluster: str) -> None:
    subprocess.check_call([*CTL, "backup", "list", "--cluster-id", cluster])


if __name__ == "__main__":
    sys.stdout.write("usage: ionosctl dbaas postgres cluster list\n")
