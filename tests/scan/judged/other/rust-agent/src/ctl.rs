use std::process::Command;

pub fn list() -> std::io::Result<std::process::Output> {
    Command::new("ionosctl").args(["dbaas", "postgres", "cluster", "list"]).output()
}
