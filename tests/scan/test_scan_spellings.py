"""Other spellings of the same uses, as teams write them."""

import pytest
from scan_kit import ID, expect, places, scan_text

FILES = [
    (
        "a.tf",
        """\
resource "ionoscloud_pg_cluster" "a" {
  for_each = var.clusters
  ram = each.value.ram
  storage_size = var.gb * 1024
}
variable "clusters" {
  default = {
    a = { ram = 4096, cores = 2 }
  }
}
provider "ionoscloud" {
  alias = "x"
  token = var.t
}
""",
        "1:PGR132 4:PGR123 8:PGR123",
    ),
    (
        "b.tf",
        """\
data "ionoscloud_pg_cluster" "a" { id = "x" }
locals { url = "https://api.ionos.com/databases/postgresql" }
resource "terraform_data" "x" {
  provisioner "local-exec" {
    when = destroy
    command = "curl -X PATCH -u $U:$P ${local.url}/clusters/1"
  }
}
resource "local_file" "f" {
  content = "ionosctl dbaas postgres"
  filename = "x"
}
""",
        "1:PGR132 2:PGR124 6:PGR120 6:PGR122",
    ),
    (
        "site.yml",
        """\
- hosts: localhost
  tasks:
    - include_tasks: x.yml
    - name: shell
      shell: >-
        ionosctl dbaas postgres cluster list
        --output json
      register: r
    - name: loop
      ionoscloudsdk.ionoscloud.postgres_cluster:
        display_name: "{{ item }}"
        ram: "{{ item.gb * 1024 }}"
      loop: [a]
      when: "'BUSY' not in r.stdout"
    - debug: msg="ionosctl dbaas postgres cluster list"
    - ansible.builtin.debug:
        msg: ionosctl dbaas postgres cluster list
""",
        "6:PGR124 10:PGR132 12:PGR123 14:PGR125",
    ),
    (
        "charts/x/templates/cm.yaml",
        """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-cm
data:
{{- range $k, $v := .Values.env }}
  {{ $k }}: {{ $v | quote }}
{{- end }}
  run.sh: |
    {{- if .Values.x }}
    ionosctl dbaas postgres user list
    {{- end }}
    curl -X PATCH "{{ .Values.api }}/clusters/1"
""",
        "11:PGR130",
    ),
    (
        "charts/x/values.yaml",
        """\
ionos:
  api: https://api.ionos.com/databases/postgresql
  postgres_cluster:
    ram: 4096
  image:
    repository: ionoscloud/ionosctl
    tag: "6"
  args: ["dbaas", "postgres", "cluster", "list"]
""",
        "2:PGR124",
    ),
    (
        "k.yaml",
        """\
kind: Deployment
spec:
  template:
    spec:
      initContainers:
      - image: ionoscloud/ionosctl:6
        command: [/ionosctl]
        args: [dbaas, postgres, cluster, get, -i, "46c151c7-55f8-42a4-86c3-06ad6b4b91ea"]
      containers:
      - image: x
        livenessProbe:
          exec:
            command: [sh, -c, "ionosctl dbaas postgres cluster list"]
        env:
        - name: IONOS_USERNAME
          value: a
        - name: IONOS_PASSWORD
          valueFrom: {secretKeyRef: {name: x, key: y}}
""",
        "7:PGR124 13:PGR124 15:PGR120",
    ),
    (
        ".woodpecker.yml",
        """\
steps:
  a:
    image: ionoscloud/ionosctl
    commands: ["ionosctl dbaas postgres cluster list", "ionosctl dbaas postgres user list"]
""",
        "4:PGR124 4:PGR130",
    ),
    (
        "action.yml",
        """\
runs:
  using: composite
  steps:
    - shell: python
      run: |
        import ionoscloud_dbaas_postgres
    - shell: pwsh
      run: ionosctl dbaas postgres cluster list
""",
        "6:PGR133 8:PGR124",
    ),
    (
        "x.mk",
        """\
list: ; @ionosctl dbaas pg c ls
IDS = $(shell ionosctl dbaas postgres cluster list | jq -r .x)
include common.mk
a:
\tfor i in $(IDS); do \\
\t  ionosctl dbaas postgres user list -i $$i; \\
\tdone
\tbash -c 'ionosctl dbaas postgres logs list'
""",
        "1:PGR124 2:PGR124 6:PGR130 8:PGR128",
    ),
    (
        "lib.sh",
        """\
IONOSCTL="${IONOSCTL:-ionosctl}"
"$IONOSCTL" dbaas postgres cluster list
PG_API="${PG_API:-https://api.ionos.com/databases/postgresql}"
curl -X PATCH "${PG_API%/}/clusters/1"
curl --request PATCH --url "$PG_API/clusters/1"
wget -qO- --header="Authorization: Basic x" "$PG_API/clusters"
if command -v ionosctl >/dev/null; then ionosctl dbaas postgres c l; fi
cat > /etc/cron.d/x <<EOF
0 3 * * * root ionosctl dbaas postgres backup list
EOF
time ionosctl dbaas postgres cluster list &
(ionosctl dbaas postgres user list)
out=`ionosctl dbaas postgres logs list`
[[ $(ionosctl dbaas pg v ls) ]] && true
ionosctl --config x dbaas psql cluster delete
ionosctl dbaas pg-v2 cluster list
""",
        "2:PGR124 3:PGR124 4:PGR122 5:PGR122 6:PGR120 7:PGR124 11:PGR124 12:PGR130 13:PGR128 "
        "14:PGR124 15:PGR124",
    ),
    (
        "xr.yaml",
        """\
apiVersion: pkg.crossplane.io/v1
kind: Provider
metadata: {name: provider-ionoscloud}
---
apiVersion: dbaas.ionoscloud.crossplane.io/v1alpha1
kind: PostgresCluster
spec: {forProvider: {ram: "4096"}}
---
apiVersion: kubernetes.crossplane.io/v1alpha2
kind: Object
spec:
  forProvider:
    manifest:
      apiVersion: postgresql.ionoscloud.io/v1alpha1
      kind: PostgresqlCluster
""",
        "6:PGR134 7:PGR123 15:PGR134",
    ),
    (
        "a.ipynb",
        """\
{"cells": [
 {"cell_type": "code", "source": ["ids = !ionosctl dbaas postgres cluster list\\n", "x = 1"]},
 {"cell_type": "code", "source": ["%%time\\n", "import ionoscloud_dbaas_postgres"]},
 {"cell_type": "code", "source": ["%%html\\n", "https://api.ionos.com/databases/postgresql"]}
]}
""",
        "2:PGR124 3:PGR133",
    ),
    (
        "hosts.sh",
        """\
curl https://API.IONOS.COM/databases/postgresql/clusters
curl https://api.ionos.com:443/databases/postgresql/clusters
curl https://api.ionos.com//databases/postgresql/clusters
curl https://my-api.ionos.com:443/databases/postgresql/clusters
curl https://api.ionos.com.example.org/databases/postgresql/clusters
ionosctl db pg cluster list
ionosctl db mongo cluster list
ionosctl db postgres-v2 cluster list
""",
        "1:PGR124 2:PGR124 3:PGR124 6:PGR124",
    ),
    (
        "requirements.txt",
        """\
git+https://github.com/ionos-cloud/sdk-python-dbaas-postgres.git@v1.2.0
-e git+ssh://git@github.com/ionos-cloud/sdk-python-dbaas-postgres@v3.0.1#egg=x
ionoscloud-dbaas-postgres @ git+https://github.com/ionos-cloud/sdk-python-dbaas-postgres.git@main
git+https://github.com/ionos-cloud/sdk-python-dbaas-postgres-tools@v1.0.0
""",
        "1:PGR133 3:PGR133",
    ),
    (
        "pyproject.toml",
        """\
[tool.poetry.dependencies]
ionoscloud-dbaas-postgres = {git = "ssh://git@git.corp/x/sdk-python-dbaas-postgres", tag = "v1.2.0"}
[tool.poetry.group.next.dependencies]
ionoscloud-dbaas-postgres = {git = "ssh://git@git.corp/x/sdk-python-dbaas-postgres", tag = "v3.0.1"}
""",
        "2:PGR133",
    ),
    (
        "built.py",
        """\
HOST = "api.ionos.com"
A = "https://%s/databases/postgresql" % HOST
B = "https://{host}/databases/postgresql/clusters".format(host=HOST)
login = HTTPBasicAuth("me", password)
requests.get(A, auth=login)
requests.get("https://example.org", auth=login)
""",
        "2:PGR124 3:PGR124 5:PGR120",
    ),
    (
        "built.go",
        """\
const host = "api.ionos.com"
var u = fmt.Sprintf("https://%s/databases/postgresql/clusters", host)
var w = "https://files/databases/postgresql/clusters"
""",
        "2:PGR124",
    ),
    (
        "ephemeral.tf",
        """\
ephemeral "ionoscloud_pg_cluster" "a" {
  ram = 4096
}
output "help" {
  value = <<EOT
Ask ionosctl dbaas postgres cluster list for it.
curl -u a:b https://api.ionos.com/databases/postgresql/clusters
ionosctl dbaas postgres cluster list
EOT
}
""",
        "1:PGR132 2:PGR123 7:PGR120 7:PGR124 8:PGR124",
    ),
    (
        "bundle.json",
        """\
{
  "apiVersion": "v1", "kind": "List", "items": [{
    "apiVersion": "dbaas.ionoscloud.crossplane.io/v1alpha1",
    "kind": "PostgresCluster",
    "spec": {"forProvider": {
      "ram": 4096}}
  }, {
    "apiVersion": "postgresqlv2.ionoscloud.io/v1alpha1",
    "kind": "PostgresqlCluster",
    "spec": {"forProvider": {
      "ram": 4096}}
  }]
}
""",
        "4:PGR134 6:PGR123",
    ),
    (
        "recipe.rb",
        """\
execute 'list' do
  command 'knife ionoscloud dbaas postgres cluster list'
end
http_request 'resize' do
  action :patch
  url 'https://api.ionos.com/databases/postgresql/clusters/1'
end
bash 'more' do
  code <<-EOH
    # curl -X PATCH https://api.ionos.com/databases/postgresql/clusters/3
    curl -X PATCH https://api.ionos.com/databases/postgresql/clusters/1
    echo "curl -u a:b https://api.ionos.com/databases/postgresql"
  EOH
end
system("curl -u a:b https://api.ionos.com/databases/postgresql/clusters")
""",
        "2:PGR124 5:PGR122 6:PGR124 11:PGR122 11:PGR124 12:PGR124 15:PGR120 15:PGR124",
    ),
    (
        "scripts.yaml",
        """\
kind: ConfigMap
data:
  PG: https://api.ionos.com/databases/postgresql
  run.sh: |
    curl -X PATCH $PG/clusters/1
    python3 - <<'PY'
    import ionoscloud_dbaas_postgres
    for each in range(2):
        print(each)
    PY
    cat <<EOF | kubectl apply -f -
    apiVersion: dbaas.ionoscloud.crossplane.io/v1alpha1
    kind: PostgresCluster
    EOF
""",
        "3:PGR124 5:PGR122 7:PGR133 13:PGR134",
    ),
    (
        "sending.ts",
        """\
const B = "https://api.ionos.com/databases/postgresql";
const C = "https://api.ionos.com/cloudapi/v6";
axios.post(`${B}/clusters`, { properties: { ram: 4096, "storageSize": 20480 } });
axios.post(`${C}/servers`, { properties: { ram: 4096 } });
fetch(`${C}/servers`, { method: "POST", body: JSON.stringify({ "ram": 4096 }) });
""",
        "1:PGR124 3:PGR123",
    ),
    (
        "stack.py",
        """\
from imports.ionoscloud.pg_cluster import PgCluster
IonoscloudProvider(self, "i", username="u", password=secret)
AwsProvider(self, "i", password=secret)
PgCluster(self, "a")
""",
        "1:PGR132 2:PGR120 4:PGR132",
    ),
    (
        "sizes.yml",
        """\
- hosts: localhost
  vars:
    ram_mb: 4096
    other_ram: 8192
    sizes:
      big: 10240
  tasks:
    - ionoscloudsdk.ionoscloud.postgres_cluster:
        ram: "{{ ram_mb }}"
        storage_size: "{{ sizes.big | int }}"
    - community.general.proxmox:
        ram: "{{ other_ram }}"
""",
        "3:PGR123 6:PGR123 8:PGR132",
    ),
]


@pytest.mark.parametrize(("name", "text", "marks"), FILES, ids=[each[0] for each in FILES])
def test_every_use_of_v1_and_nothing_else(name, text, marks, tmp_path):
    assert places(tmp_path, name, text) == expect(marks)


def test_a_property_of_pulumi_names_the_cluster_that_it_refers_to(tmp_path):
    text = """\
resources:
  main:
    type: ionoscloud:dbaas:PSQLCluster
    properties: {displayName: orders-prod}
  people:
    type: ionoscloud:dbaas:PSQLUser
    properties: {clusterId: "${main.id}"}
"""
    assert [hit.cluster for hit in scan_text(tmp_path, "Pulumi.yaml", text).hits] == [ID, ID]
