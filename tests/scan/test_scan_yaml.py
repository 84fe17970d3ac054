"""YAML that describes: Ansible, Crossplane and Pulumi, and templates of any YAML."""

import pytest
from scan_kit import expect, places

from migrations.scan.readers.yaml_nodes import mask_holes

FILES = [
    (
        "play.yml",
        """\
- hosts: all
  vars:
    api: https://api.ionos.com/databases/postgresql
  module_defaults:
    ionoscloudsdk.ionoscloud.postgres_cluster:
      username: u
      password: p
    group/ionoscloudsdk.ionoscloud.all: {}
  tasks:
    - block:
        - name: c
          ionoscloudsdk.ionoscloud.postgres_cluster:
            display_name: orders-prod
            ram: 4096
        - local_action:
            module: ionoscloudsdk.ionoscloud.postgres_cluster
            state: absent
      rescue:
        - action: ionoscloudsdk.ionoscloud.postgres_backup_info postgres_cluster=x
        - local_action: postgres_cluster_user username=x password=y
        - command: ionosctl dbaas postgres cluster list
        - ansible.builtin.shell: |
            curl -X PATCH https://api.ionos.com/databases/postgresql/clusters/1
            ionosctl dbaas postgres user list
        - ansible.builtin.command:
            cmd: ionosctl dbaas postgres database list
        - ansible.builtin.command:
            argv: [ionosctl, dbaas, postgres, logs, list]
        - ansible.builtin.command:
            argv:
              - ionosctl
              - dbaas
              - postgres
              - backup
              - list
      always:
        - ionoscloudsdk.ionoscloud.postgres_cluster_v2:
            state: present
            ram: 4
        - ionoscloudsdk.ionoscloud.postgres_cluster_database: postgres_cluster=x
        - acme.internal.postgres_cluster:
            ram: 8192
  handlers:
    - name: restart
      ansible.legacy.command: ionosctl dbaas postgres version list
""",
        "3:PGR124 5:PGR132 7:PGR120 12:PGR132 14:PGR123 16:PGR132 19:PGR132 20:PGR130 21:PGR124 "
        "23:PGR122 23:PGR124 24:PGR130 26:PGR130 28:PGR128 31:PGR124 40:PGR130 45:PGR124",
    ),
    (
        "k.yml",
        """\
- hosts: x
  tasks:
  - name: key value form
    ionoscloudsdk.ionoscloud.postgres_cluster: display_name=orders-prod ram=4096 state=restore
  - name: raw
    raw: ionosctl dbaas postgres cluster list
  - name: get_url
    get_url:
      url: https://api.ionos.com/databases/postgresql/clusters
      dest: /tmp/x
  - uri: url=https://api.ionos.com/databases/postgresql/clusters method=PATCH
  - ansible.builtin.script: ionosctl.sh
  - win_shell: ionosctl dbaas postgres cluster list
  - ansible.builtin.expect:
      command: ionosctl dbaas postgres cluster list
  - ansible.builtin.cron:
      name: nightly
      job: "ionosctl dbaas postgres backup list"
  - ansible.builtin.copy:
      dest: /x
      content: |
        #!/bin/sh
        ionosctl dbaas postgres cluster list
""",
        "4:PGR123 4:PGR131 4:PGR132 6:PGR124 9:PGR124 11:PGR122 11:PGR124 13:PGR124 15:PGR124 "
        "18:PGR124 23:PGR124",
    ),
    (
        "group_vars/all.yml",
        """\
pg_api: "https://api.ionos.com/databases/postgresql"
ionos_pg_ram: 8192
""",
        "1:PGR124",
    ),
    (
        "roles/pg/tasks/main.yml",
        """\
- uri:
    url: "{{ pg_api }}/clusters/{{ id }}"
    method: PATCH
""",
        "",
    ),
    (
        "roles/pg/handlers/main.yml",
        """\
- name: x
  ionoscloudsdk.ionoscloud.postgres_cluster_user:
    username: a
""",
        "2:PGR130",
    ),
    (
        "roles/pg/meta/main.yml",
        """\
collections:
  - ionoscloudsdk.ionoscloud
dependencies: []
""",
        "",
    ),
    (
        "requirements.yml",
        """\
collections:
  - name: ionoscloudsdk.ionoscloud
    version: 7.0.0
""",
        "",
    ),
    (
        "short.yml",
        """\
- hosts: a
  collections: [ionoscloudsdk.ionoscloud]
  tasks:
    - postgres_cluster:
        ram: "4096"
    - postgres_cluster_info:
    - postgres_cluster_v2:
        ram: 4
""",
        "4:PGR132 5:PGR123 6:PGR132",
    ),
    (
        "templates/cron.yaml",
        """\
{{- if .Values.enabled }}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ include "x.fullname" . }}
  labels:
    {{- include "x.labels" . | nindent 4 }}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: x
              image: "{{ .Values.image }}:{{ .Values.tag }}"
              command: ["/bin/sh", "-c"]
              args:
                - |
                  ionosctl dbaas postgres backup list
                  curl -X PATCH {{ .Values.api }}/clusters
              env:
                - name: API
                  value: https://api.ionos.com/databases/postgresql
              {{- with .Values.resources }}
              resources: {{- toYaml . | nindent 16 }}
              {{- end }}
{{- end }}
""",
        "19:PGR124 23:PGR124",
    ),
    (
        "templates/xp.yaml",
        """\
{{- range .Values.clusters }}
---
apiVersion: dbaas.ionoscloud.crossplane.io/v1alpha1
kind: PostgresCluster
metadata:
  name: {{ .name }}
spec:
  forProvider:
    displayName: {{ .name | quote }}
    ram: {{ .ram }}
    storageSize: 20480
{{- end }}
""",
        "4:PGR134 11:PGR123",
    ),
    (
        "play.yml.j2",
        """\
- hosts: all
  tasks:
{% for c in clusters %}
    - name: create
      ionoscloudsdk.ionoscloud.postgres_cluster:
        display_name: {{ c }}
        ram: 4096
{% endfor %}
""",
        "5:PGR132 7:PGR123",
    ),
    (
        "brk.yml",
        """\
- hosts: all
  tasks:
    - name: create
      ionoscloudsdk.ionoscloud.postgres_cluster:
        display_name: {{ c }}
        ram: 4096
    - ionoscloudsdk.ionoscloud.postgres_cluster_v2:
        ram: 4
""",
        "4:PGR132 6:PGR123",
    ),
    (
        "dep.yaml.erb",
        """\
kind: Job
spec:
  <% if x %>
  containers:
    - command: ["ionosctl", "dbaas", "postgres", "cluster", "list"]
  <% end %>
""",
        "5:PGR124",
    ),
    (
        "values.yaml",
        """\
api: https://api.ionos.com/databases/postgresql
# old: https://api.ionos.com/databases/postgresql
command: ionosctl dbaas postgres cluster list
""",
        "1:PGR124 3:PGR124",
    ),
    (
        "comp.yaml",
        """\
apiVersion: apiextensions.crossplane.io/v1
kind: Composition
spec:
  resources:
    - name: a
      base:
        apiVersion: dbaas.ionoscloud.crossplane.io/v1alpha1
        kind: PostgresCluster
        spec:
          forProvider:
            ram: 4096
  pipeline:
    - step: x
      input:
        resources:
          - base:
              apiVersion: postgresql.ionoscloud.io/v1alpha1
              kind: PostgresqlUser
""",
        "8:PGR134 11:PGR123 18:PGR134",
    ),
    (
        "upjet.yaml",
        """\
apiVersion: postgresql.ionoscloud.io/v1alpha1
kind: PostgresqlCluster
spec:
  forProvider:
    ram: 4096
---
apiVersion: postgresql.m.ionoscloud.io/v1alpha1
kind: PostgresqlDatabase
---
apiVersion: postgresqlv2.ionoscloud.io/v1alpha1
kind: PostgresqlCluster
spec: {forProvider: {instances: {ram: 4}}}
---
apiVersion: postgresqlv2.m.ionoscloud.io/v1alpha1
kind: PostgresqlCluster
---
apiVersion: dbaas.postgres.ionoscloud.crossplane.io/v1alpha1
kind: Cluster
---
apiVersion: dbaas.mariadb.ionoscloud.io/v1alpha1
kind: MariadbCluster
---
apiVersion: dbaas.mongo.ionoscloud.crossplane.io/v1alpha1
kind: MongoCluster
""",
        "2:PGR134 5:PGR123 8:PGR134 18:PGR134",
    ),
    (
        "gotmpl.yaml",
        """\
apiVersion: apiextensions.crossplane.io/v1
kind: Composition
spec:
  pipeline:
    - step: t
      input:
        apiVersion: gotemplating.fn.crossplane.io/v1beta1
        kind: GoTemplate
        inline:
          template: |
            apiVersion: dbaas.ionoscloud.crossplane.io/v1alpha1
            kind: PostgresCluster
            metadata:
              name: {{ .x }}
            spec:
              forProvider:
                ram: 4096
""",
        "12:PGR134 17:PGR123",
    ),
    (
        "Pulumi.yaml",
        """\
name: x
runtime: yaml
config:
  ram: {type: integer, default: 8192}
resources:
  a:
    type: ionoscloud:dbaas:PSQLCluster
    properties:
      displayName: orders-prod
      ram: 4096
      storageSize: 20480
  b:
    type: ionoscloud:dbaas/pSQLUser:PSQLUser
  c:
    type: ionoscloud:dbaas:PSQLClusterV2
    properties:
      instances: {ram: 4}
  d:
    type: ionoscloud:PgCluster
  e:
    type: ionoscloud:dbaas:MariaDBCluster
    properties: {ram: 4096}
  f:
    type: ionoscloud:index/pgClusterV2:PgClusterV2
variables:
  x:
    fn::invoke:
      function: ionoscloud:dbaas:getPSQLVersions
  y:
    fn::ionoscloud:dbaas:getPSQLBackups:
      clusterId: x
""",
        "7:PGR132 10:PGR123 11:PGR123 13:PGR132 19:PGR132 28:PGR132 30:PGR132",
    ),
    (
        "d1.yml",
        """\
# visionos, regionos
regionos: /databases/postgresql
url: https://example.com/databases/postgresql
image: visionos
""",
        "",
    ),
    (
        "openapi.yaml",
        """\
openapi: 3.0.0
info: {title: our proxy to IONOS}
paths:
  /databases/postgresql/clusters:
    get: {summary: x}
""",
        "",
    ),
]


@pytest.mark.parametrize(("name", "text", "marks"), FILES, ids=[each[0] for each in FILES])
def test_every_use_of_v1_and_nothing_else(name, text, marks, tmp_path):
    assert places(tmp_path, name, text) == expect(marks)


def test_the_rest_of_a_broken_file_is_read_and_the_line_is_named(tmp_path):
    text = "jobs:\n  a:\n    - run: ionosctl dbaas pg c ls\n   - run: ionosctl dbaas pg logs list\n"

    assert places(tmp_path, "a.yml", text)[:2] == expect("3:PGR124 4:PGR128")
    assert "not valid YAML" in places(tmp_path, "a.yml", text)[2]


def test_a_file_that_is_one_large_hole_takes_time_as_it_grows():
    for pump in ("{{ ", "{% ", "- {{ x }}\n", "a: {{\n"):
        text = "ionos: 1\n" + pump * 20_000
        assert len(mask_holes(text)) == len(text)
