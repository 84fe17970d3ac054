"""Terraform and its kin: sizes by whatever way, versions, what blocks run, templates, states."""

from pathlib import Path

import pytest
from scan_kit import ID, expect, places, scan_text

from migrations.scan.scan import scan_paths

FILES = [
    (
        "variables.tf",
        """\
variable "ram" {
  type    = number
  default = 8192
}
variable "size" {
  default = 102400
}
variable "cpu" { default = 4 }
resource "ionoscloud_pg_cluster" "a" {
  ram          = var.ram
  storage_size = var.size
  cores = var.cpu
}
""",
        "3:PGR123 6:PGR123 9:PGR132",
    ),
    (
        "locals.tf",
        """\
locals {
  ram = 8 * 1024
  sizes = { prod = 204800 }
}
resource "ionoscloud_pg_cluster" "a" {
  ram          = local.ram
  storage_size = local.sizes["prod"]
}
""",
        "2:PGR123 3:PGR123 5:PGR132",
    ),
    (
        "expr.tf",
        """\
resource "ionoscloud_pg_cluster" "a" {
  ram          = 8 * 1024
  storage_size = var.prod ? 204800 : 20480
  connections = []
}
""",
        "1:PGR132 2:PGR123 3:PGR123",
    ),
    (
        "v2.tf",
        """\
variable "ram" { default = 8192 }
resource "ionoscloud_pg_cluster_v2" "a" {
  ram = var.ram
}
data "ionoscloud_pg_backups_v2" "b" {}
resource "ionoscloud_mariadb_cluster" "x" { ram = var.ram }
resource "ionoscloud_inmemorydb_replicaset" "x" { }
removed {
  from = ionoscloud_pg_cluster.orders
  lifecycle { destroy = false }
}
""",
        "",
    ),
    (
        "pins.tf",
        """\
terraform {
  required_providers {
    ionoscloud = {
      source  = "ionos-cloud/ionoscloud"
      version = "~> 6.4.10"
    }
  }
}
resource "ionoscloud_pg_user" "u" { cluster_id = "x" }
""",
        "5:PGR132 9:PGR132",
    ),
    (
        "pins2.tf",
        """\
terraform {
  required_providers {
    ionos = {
      source  = "registry.terraform.io/ionos-cloud/ionoscloud"
      version = ">= 6.2, < 6.5"
    }
    other = { source = "foo/bar", version = "1.0.0" }
    ionoscloud = "~> 6.3.0"
  }
}
provider "ionos" {
  alias = "x"
  username = var.u
  password = var.p
  contract_number = "1"
}
resource "ionoscloud_pg_user" "u" { cluster_id = "x" }
""",
        "5:PGR132 8:PGR132 14:PGR120 15:PGR121 17:PGR132",
    ),
    (
        "a.tf.json",
        """\
{
  "terraform": {"required_providers": {
    "ionoscloud": {"source": "ionos-cloud/ionoscloud", "version": "~> 6.4.10"}}},
  "provider": {"ionoscloud": [{"username": "u",
     "password": "p"}]},
  "variable": {"ram": {
     "default": 8192}},
  "resource": {"ionoscloud_pg_cluster": {
    "a": {"ram": "${var.ram}",
      "storage_size": 20480},
    "b": [{"ram":
         4096,
      "provisioner": [{"local-exec": {
           "command": "ionosctl dbaas postgres cluster list"}}]
    }]
  }},
  "data": [{"ionoscloud_pg_user": {"x": {}}}],
  "output": {"api": {
    "value": "https://api.ionos.com/databases/postgresql/clusters"}}
}
""",
        "3:PGR132 5:PGR120 7:PGR123 9:PGR132 10:PGR123 11:PGR123 11:PGR132 14:PGR124 17:PGR132 19:PGR124",
    ),
    (
        "list.tf.json",
        """\
[{"resource": [
 {"ionoscloud_pg_cluster": [{"a": [{"ram": 4096}]}]},
 {"ionoscloud_pg_cluster_v2": {"a": {"ram": 4}}}
]}]
""",
        "2:PGR123 2:PGR132",
    ),
    (
        "terragrunt.hcl",
        """\
terraform {
  source = "git::https://github.com/acme/modules.git//pg?ref=v1"
  after_hook "x" {
    commands = ["apply"]
    execute  = ["ionosctl", "dbaas", "postgres", "cluster", "list"]
  }
  before_hook "y" {
    commands = ["apply"]
    execute  = ["bash", "-c", "ionosctl dbaas postgres user list"]
  }
}
generate "provider" {
  path = "p.tf"
  if_exists = "overwrite"
  contents = <<EOF
resource "ionoscloud_pg_cluster" "a" {
  ram = 4096
}
EOF
}
inputs = {
  api = "https://api.ionos.com/databases/postgresql/clusters"
}
""",
        "5:PGR124 9:PGR130 16:PGR132 17:PGR123 22:PGR124",
    ),
    (
        "local.tf",
        """\
resource "null_resource" "a" {
  triggers = { api = "https://api.ionos.com/databases/postgresql" }
  provisioner "local-exec" {
    interpreter = ["bash", "-c"]
    command = <<-EOT
      curl -X PATCH -u $U:$P ${self.triggers.api}/clusters/1
      ionosctl dbaas postgres cluster list
    EOT
    environment = { API = "https://api.ionos.com/databases/postgresql" }
  }
  provisioner "remote-exec" {
    inline = [
      "ionosctl dbaas postgres cluster list",
      "echo hi",
      "ionosctl dbaas postgres-v2 cluster list",
    ]
  }
}
data "external" "x" {
  program = ["sh", "-c", "ionosctl dbaas postgres backup list -o json"]
}
data "http" "x" {
  url = "https://api.ionos.com/databases/postgresql/clusters"
  method = "PATCH"
  request_headers = { X-Contract-Number = "1", Authorization = "Basic ${base64encode(var.u)}" }
}
""",
        "2:PGR124 6:PGR120 6:PGR122 7:PGR124 9:PGR124 13:PGR124 20:PGR124 23:PGR124 24:PGR122 "
        "25:PGR120 25:PGR121",
    ),
    (
        "mod.tf",
        """\
module "db" {
  source = "./modules/pg"
  ram    = 8192
  storage_size = 20480
}
import {
  to = ionoscloud_pg_cluster.a
  id = "x"
}
moved {
  from = ionoscloud_pg_cluster.a
  to = ionoscloud_pg_cluster.b
}
""",
        "",
    ),
    (
        "templ.tf.j2",
        """\
{% for c in clusters %}
resource "ionoscloud_pg_cluster" "{{ c.name }}" {
  ram = {{ c.ram }}
  storage_size = 20480
}
{% endfor %}
""",
        "2:PGR132 4:PGR123",
    ),
    (
        "templ.tftpl",
        """\
%{ for c in clusters ~}
resource "ionoscloud_pg_cluster" "${c}" {
  ram = 4096
}
%{ endfor ~}
""",
        "2:PGR132 3:PGR123",
    ),
    (
        "env.j2",
        """\
{# ionoscloud_pg_cluster.a {# ionoscloud_pg_cluster.b #}
{# # { ionoscloud_pg_cluster.c
   ionoscloud_pg_cluster.d #}
a="${#list[@]} ionoscloud_pg_cluster.e"
""",
        "1:PGR132 4:PGR132",
    ),
    (
        "env.gotmpl",
        """\
{{/* ionoscloud_pg_cluster.a { */}} {{- /* ionoscloud_pg_cluster.b
     ionoscloud_pg_cluster.c */ -}}
{{ "ionoscloud_pg_cluster.d" }}
""",
        "3:PGR132",
    ),
    (
        "env.erb",
        """\
<%# ionoscloud_pg_cluster.a <%= b %> ionoscloud_pg_cluster.c
<%# 5 % of ionoscloud_pg_cluster.d
    ionoscloud_pg_cluster.e %>
""",
        "1:PGR132",
    ),
    (
        "main.tf.erb",
        """\
<% clusters.each do |c| %>
resource "ionoscloud_pg_cluster" "<%= c.name %>" {
  ram = 4096
}
<% end %>
""",
        "2:PGR132 3:PGR123",
    ),
    (
        "funcs.tf",
        """\
resource "ionoscloud_pg_cluster" "a" {
  for_each = { for k, v in var.x : k => v if v.on }
  ram      = each.value.ram
  display_name = "orders-prod"
  dynamic "connections" {
    for_each = var.c
    content { cidr = connections.value }
  }
}
locals { clusters = { a = { ram = 8192, storage_size = 20480 } } }
""",
        "1:PGR132",
    ),
    (
        "provider.tf",
        """\
provider "ionoscloud" {
  endpoint = "https://api.ionos.com/databases/postgresql"
}
""",
        "2:PGR124",
    ),
    (
        "list.tfquery.hcl",
        """\
list "ionoscloud_pg_cluster_v2" "all" { provider = ionoscloud }
""",
        "",
    ),
    (
        "test.tftest.hcl",
        """\
mock_provider "ionoscloud" {
  mock_resource "ionoscloud_pg_cluster" { defaults = { id = "x" } }
}
""",
        "",
    ),
    (
        "ephemeral.tofu",
        """\
resource "ionoscloud_pg_database" "a" { cluster_id = "x" }""",
        "1:PGR132",
    ),
    (
        "s.tfstate",
        """\
{
 "version": 3,
 "modules": [{
   "path": ["root"],
   "resources": {
     "ionoscloud_pg_cluster.orders": {
       "type": "ionoscloud_pg_cluster",
       "primary": {"id": "46c151c7-55f8-42a4-86c3-06ad6b4b91ea", "attributes": {}}
     },
     "data.ionoscloud_pg_versions.v": {
       "type": "ionoscloud_pg_versions",
       "primary": {"id": "x"}
     },
     "ionoscloud_pg_cluster_v2.n": {"type": "ionoscloud_pg_cluster_v2"}
   }}]
}
""",
        "7:PGR132 11:PGR132",
    ),
    (
        "b.tfstate.backup",
        """\
{"version": 4, "resources": [
 {"mode": "managed", "type": "ionoscloud_pg_cluster", "name": "a", "instances": [{"attributes": {}}]},
 {"mode": "managed", "type": "ionoscloud_pg_cluster_v2", "name": "a", "instances": []}
]}
""",
        "2:PGR132",
    ),
    (
        "prod.tfvars",
        """\
ram = 8192
api_url = "https://api.ionos.com/databases/postgresql"
""",
        "2:PGR124",
    ),
]


@pytest.mark.parametrize(("name", "text", "marks"), FILES, ids=[each[0] for each in FILES])
def test_every_use_of_v1_and_nothing_else(name, text, marks, tmp_path):
    assert places(tmp_path, name, text) == expect(marks)


def test_what_the_grammar_does_not_take_is_read_by_its_lines(tmp_path):
    text = 'resource "ionoscloud_pg_cluster" "a" {\n  ram = 4096\n  x = "${\n}\nram = 8192\n'

    assert places(tmp_path, "a.tf", text) == [
        *expect("1:PGR132 2:PGR123"),
        "it is not valid Terraform (line 3)",
    ]


def test_a_lock_file_counts_where_the_folder_speaks_v1(tmp_path):
    (tmp_path / "a.tf").write_text('resource "ionoscloud_pg_user" "a" {}\n')
    lock = 'provider "registry.terraform.io/ionos-cloud/ionoscloud" {\n  version = "6.4.10"\n}\n'

    assert places(tmp_path, ".terraform.lock.hcl", lock) == expect("1:PGR132 2:PGR132")


def test_a_size_in_a_file_of_values_counts_where_a_resource_takes_it(tmp_path):
    (tmp_path / "a.tf").write_text(
        'resource "ionoscloud_pg_cluster" "a" {\n  ram = var.ionos.ram\n  storage_size = var.disk\n}\n'
    )
    text = "# ionos\nionos = {\n  ram = 4096\n  cores = 2000\n}\nother = 9000\ndisk = 20480\n"

    assert places(tmp_path, "envs/a.tfvars", text) == expect("1:PGR132 3:PGR123 7:PGR123")


def test_a_users_block_belongs_to_the_cluster_that_it_refers_to(tmp_path):
    text = (
        'resource "ionoscloud_pg_cluster" "a" {\n  display_name = "orders-prod"\n}\n'
        'resource "ionoscloud_pg_user" "b" {\n  cluster_id = ionoscloud_pg_cluster.a.id\n}\n'
    )
    report = scan_text(tmp_path, "a.tf", text)

    assert [(hit.line, hit.cluster) for hit in report.hits] == [(1, ID), (4, ID)]


def test_files_without_the_vendors_name_count_where_a_module_of_v1_needs_them(tmp_path):
    files = {
        "modules/pg/main.tf": 'resource "ionoscloud_pg_cluster" "a" {\n  ram = var.ram\n}\n',
        "modules/pg/variables.tf": (
            'variable "ram" {\n  default = 4096\n}\nvariable "port" {\n  default = 5432\n}\n'
        ),
        "modules/pg/envs/prod.tfvars": "ram = 8192\nport = 9999\n",
        "live/main.tf": 'module "a" {\n  source = "../modules/pg"\n  ram    = 16384\n}\n',
        "live/.terraform.lock.hcl": 'provider "x/ionos-cloud/ionoscloud" {\n  version = "6.4.10"\n}\n',
        "other/main.tf": 'module "a" {\n  source = "../modules/redis"\n  ram    = 16384\n}\n',
        "other/variables.tf": 'variable "ram" {\n  default = 4096\n}\n',
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    report = scan_paths([tmp_path])

    assert [
        (Path(hit.path).relative_to(tmp_path).as_posix(), hit.line, hit.rule_id) for hit in report.hits
    ] == [
        ("live/.terraform.lock.hcl", 2, "PGR132"),
        ("live/main.tf", 3, "PGR123"),
        ("modules/pg/envs/prod.tfvars", 1, "PGR123"),
        ("modules/pg/main.tf", 1, "PGR132"),
        ("modules/pg/variables.tf", 2, "PGR123"),
    ]
