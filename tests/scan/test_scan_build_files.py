"""Make, just, containers, notebooks, Jenkins and Puppet."""

import pytest
from scan_kit import expect, places

FILES = [
    (
        "import.sh",
        """\
terraform import ionoscloud_pg_cluster.a $ID
terraform state rm ionoscloud_pg_user.app
tofu import 'module.x.ionoscloud_pg_cluster.a["b"]' $ID
terraform import ionoscloud_pg_cluster_v2.a de/txl:$ID
""",
        "",
    ),
    (
        "Jenkinsfile",
        """\
pipeline {
  environment { API = 'https://api.ionos.com/databases/postgresql' }
  stages { stage('a') { steps {
    sh 'ionosctl dbaas postgres cluster list'
    sh(script: "curl -X PATCH ${API}/clusters/1", returnStdout: true)
    sh label: 'x', script: 'ionosctl dbaas postgres user list'
    bat 'ionosctl dbaas postgres logs list'
    httpRequest url: "https://api.ionos.com/databases/postgresql/clusters", httpMode: 'PATCH'
    script {
      docker.image('ionoscloud/ionosctl').inside { sh "ionosctl dbaas pg c ls" }
    }
    powershell 'ionosctl dbaas postgres backup list'
  } } }
}
""",
        "2:PGR124 4:PGR124 5:PGR122 6:PGR130 7:PGR128 8:PGR122 8:PGR124 10:PGR124 12:PGR124",
    ),
    (
        "ci/build.jenkinsfile",
        """\
node { sh 'ionosctl dbaas postgres cluster list' }
""",
        "1:PGR124",
    ),
    (
        "vars/deploy.groovy",
        """\
def call() { sh 'ionosctl dbaas postgres cluster list' }
""",
        "1:PGR124",
    ),
    (
        "Makefile",
        """\
API := https://api.ionos.com/databases/postgresql
CTL ?= ionosctl
PG = $(CTL) dbaas postgres
define SCRIPT
ionosctl dbaas postgres user list
endef
.PHONY: x
x: y ; ionosctl dbaas postgres cluster list
y:
	@$(PG) logs list
	$(CTL) dbaas postgres cluster list
	-curl -X PATCH $(API)/clusters/1
	@docker run ionoscloud/ionosctl dbaas postgres user list
	# ionosctl dbaas postgres user list
OUT := $(shell ionosctl dbaas postgres backup list)
""",
        "1:PGR124 3:PGR124 5:PGR130 8:PGR124 10:PGR128 11:PGR124 12:PGR122 13:PGR130 15:PGR124",
    ),
    (
        "justfile",
        """\
api := "https://api.ionos.com/databases/postgresql"
ctl := "ionosctl"
default:
    @ionosctl dbaas postgres cluster list
    {{ctl}} dbaas postgres user list
    curl -X PATCH {{ api }}/clusters/1
ids := `ionosctl dbaas postgres backup list`
py:
    #!/usr/bin/env bash
    ionosctl dbaas postgres logs list
""",
        "1:PGR124 4:PGR124 5:PGR130 6:PGR122 7:PGR124 10:PGR128",
    ),
    (
        "n.ipynb",
        """\
{
 "cells": [
  {
   "cell_type": "markdown",
   "source": ["ionosctl dbaas postgres cluster list"]
  },
  {
   "cell_type": "code",
   "source": [
    "import ionoscloud_dbaas_postgres\\n",
    "!ionosctl dbaas postgres cluster list\\n",
    "%pip install ionoscloud-dbaas-postgres==1.0.1\\n",
    "URL = 'https://api.ionos.com/databases/postgresql'\\n",
    "import requests\\n",
    "requests.patch(URL + '/clusters/1')"
   ],
   "outputs": [{"text": ["https://api.ionos.com/databases/postgresql"]}]
  },
  {
   "cell_type": "code",
   "source": "%%bash\\nionosctl dbaas postgres user list"
  }
 ]
}
""",
        "10:PGR133 11:PGR124 12:PGR133 13:PGR124 15:PGR122 21:PGR130",
    ),
    (
        "Dockerfile",
        """\
FROM ionoscloud/ionosctl
ENV API=https://api.ionos.com/databases/postgresql
ENV CTL ionosctl
RUN $CTL dbaas postgres cluster list
RUN curl -X PATCH $API/clusters/1 && \\
    ionosctl dbaas postgres user list
ENTRYPOINT ["ionosctl", "dbaas", "postgres", "logs", "list"]
CMD ["sh", "-c", "ionosctl dbaas pg backup list"]
HEALTHCHECK CMD ionosctl dbaas postgres cluster list
RUN <<EOF
ionosctl dbaas postgres cluster get
EOF
RUN ["/bin/sh", "-c", "ionosctl dbaas postgres cluster list"]
CMD ionosctl dbaas postgres cluster list
""",
        "2:PGR124 4:PGR124 5:PGR122 6:PGR130 7:PGR128 8:PGR124 9:PGR124 11:PGR124 13:PGR124 14:PGR124",
    ),
    (
        "Dockerfile.x",
        """\
FROM ionoscloud/ionosctl:6
ENTRYPOINT ["ionosctl"]
CMD ["dbaas", "postgres", "cluster", "list"]
""",
        "3:PGR124",
    ),
    (
        "Dockerfile.y",
        """\
FROM ionoscloud/ionosctl:6
CMD ["dbaas", "postgres", "cluster", "list"]
""",
        "2:PGR124",
    ),
    (
        "db.pp",
        """\
$ram = 8192
# postgres_cluster { 'old': }
postgres_cluster { 'orders-prod':
  ensure       => present,
  ram_size     => 2048,
  storage_size => 20490,
  location     => 'de/fra',
  db_password  => 'x',
}
exec { 'list':
  command => '/usr/bin/ionosctl dbaas postgres user list',
}
postgresql::server::db { 'x': }
k8s_cluster { 'y': }
$api = 'https://api.ionos.com/databases/postgresql'
# ionoscloud
""",
        "3:PGR132 5:PGR123 6:PGR123 11:PGR130 15:PGR124",
    ),
]


@pytest.mark.parametrize(("name", "text", "marks"), FILES, ids=[each[0] for each in FILES])
def test_every_use_of_v1_and_nothing_else(name, text, marks, tmp_path):
    assert places(tmp_path, name, text) == expect(marks)
