"""YAML that runs commands: containers, CI files and task runners."""

import pytest
from scan_kit import expect, places

FILES = [
    (
        "docker-compose.yml",
        """\
services:
  list:
    image: ionoscloud/ionosctl:latest
    command: dbaas postgres cluster list
  list2:
    image: ghcr.io/ionos-cloud/ionosctl
    command: ["dbaas", "postgres", "user", "list"]
  list3:
    image: ionosctl
    entrypoint: ["ionosctl"]
    command: ["dbaas", "postgres", "logs", "list"]
  v2:
    image: ionoscloud/ionosctl:latest
    command: dbaas postgres-v2 cluster list
  env:
    image: acme/app
    environment:
      - API_URL=https://api.ionos.com/databases/postgresql
    command: sh -c "curl -X PATCH $$API_URL/clusters/1"
  env2:
    environment:
      API_URL: https://api.ionos.com/databases/postgresql
    healthcheck:
      test: ["CMD-SHELL", "ionosctl dbaas postgres cluster list"]
  h2:
    healthcheck:
      test: ["CMD", "ionosctl", "dbaas", "postgres", "cluster", "list"]
""",
        "4:PGR124 7:PGR130 10:PGR128 18:PGR124 19:PGR122 22:PGR124 24:PGR124 27:PGR124",
    ),
    (
        "cron.yaml",
        """\
apiVersion: batch/v1
kind: CronJob
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: a
              image: ionoscloud/ionosctl
              args: ["dbaas", "postgres", "cluster", "list"]
            - name: b
              image: x
              command: ["/bin/bash", "-ec"]
              args: ["ionosctl dbaas postgres user list"]
            - name: c
              image: x
              command: [ionosctl]
              args:
                - dbaas
                - postgres
                - logs
                - list
            - name: d
              image: x
              command: ["/bin/sh", "-c", "ionosctl dbaas pg backup list"]
              env:
                - name: PG_API
                  value: "https://api.ionos.com/databases/postgresql"
            - name: e
              image: ionoscloud/ionosctl
              args: ["dbaas", "postgres-v2", "cluster", "list"]
---
apiVersion: v1
kind: ConfigMap
data:
  run.sh: |
    #!/bin/sh
    ionosctl dbaas postgres cluster list
    # ionosctl dbaas postgres cluster list
  app.py: |
    import ionoscloud_dbaas_postgres
""",
        "11:PGR124 15:PGR130 18:PGR128 26:PGR124 29:PGR124 39:PGR124 42:PGR133",
    ),
    (
        ".github/workflows/a.yml",
        """\
env:
  API: https://api.ionos.com/databases/postgresql
  CTL: ionosctl
jobs:
  a:
    container: ionoscloud/ionosctl
    steps:
      - run: $CTL dbaas postgres cluster list
      - run: ${{ env.CTL }} dbaas postgres cluster list
      - uses: docker://ionoscloud/ionosctl:latest
        with:
          args: dbaas postgres cluster list
      - uses: ionos-cloud/ionosctl-action@v1
        with:
          args: dbaas postgres user list
      - shell: bash
        run: |
          docker run --rm -e IONOS_TOKEN ionoscloud/ionosctl dbaas postgres logs list
      - uses: actions/github-script@v7
        with:
          script: |
            await fetch("https://api.ionos.com/databases/postgresql/clusters")
      - uses: fjogeleit/http-request-action@v1
        with:
          url: ${{ env.API }}/clusters
          method: PATCH
""",
        "2:PGR124 8:PGR124 9:PGR124 12:PGR124 15:PGR130 18:PGR128 22:PGR124 26:PGR122",
    ),
    (
        ".gitlab-ci.yml",
        """\
variables:
  API: https://api.ionos.com/databases/postgresql
  CTL: "ionosctl dbaas postgres"
.base: &base
  before_script: [ionosctl dbaas postgres cluster list]
job:
  <<: *base
  image:
    name: ionoscloud/ionosctl
    entrypoint: [""]
  script:
    - $CTL user list
    - >
      curl -X PATCH
      "$API/clusters/1"
    - !reference [.base, before_script]
    - if [ -n "$X" ]; then ionosctl dbaas pg c ls; fi
    - 'echo "ionosctl dbaas postgres cluster list"'
""",
        "2:PGR124 3:PGR124 5:PGR124 12:PGR130 14:PGR122 17:PGR124",
    ),
    (
        ".circleci/config.yml",
        """\
version: 2.1
jobs:
  a:
    docker: [{image: ionoscloud/ionosctl}]
    environment:
      API: https://api.ionos.com/databases/postgresql
    steps:
      - run: ionosctl dbaas postgres cluster list
      - run:
          name: ionosctl dbaas postgres cluster list
          command: |
            curl -X PATCH $API/clusters/1
""",
        "6:PGR124 8:PGR124 12:PGR122",
    ),
    (
        "bitbucket-pipelines.yml",
        """\
image: ionoscloud/ionosctl
pipelines:
  default:
    - step:
        script:
          - ionosctl dbaas postgres cluster list
          - pipe: docker://ionoscloud/ionosctl
            variables:
              A: b
        after-script:
          - ionosctl dbaas postgres user list
""",
        "6:PGR124 11:PGR130",
    ),
    (
        ".drone.yml",
        """\
kind: pipeline
steps:
- name: a
  image: ionoscloud/ionosctl
  environment:
    API: https://api.ionos.com/databases/postgresql
  commands:
  - ionosctl dbaas postgres cluster list
  - curl -X PATCH $API/clusters/1
""",
        "6:PGR124 8:PGR124 9:PGR122",
    ),
    (
        ".travis.yml",
        """\
language: python
install: pip install ionoscloud-dbaas-postgres==1.0.1
before_install:
  - ionosctl dbaas postgres cluster list
script: ionosctl dbaas postgres user list
deploy:
  provider: script
  script: bash -c "ionosctl dbaas postgres logs list"
after_success: ionosctl dbaas pg c ls
""",
        "2:PGR133 4:PGR124 5:PGR130 8:PGR128 9:PGR124",
    ),
    (
        "tekton.yaml",
        """\
apiVersion: tekton.dev/v1
kind: Task
spec:
  params:
    - name: api
      default: https://api.ionos.com/databases/postgresql
  steps:
    - name: a
      image: ionoscloud/ionosctl
      script: |
        #!/bin/sh
        ionosctl dbaas postgres cluster list
        curl -X PATCH $(params.api)/clusters/1
    - name: b
      image: ionoscloud/ionosctl
      args: ["dbaas", "postgres", "user", "list"]
""",
        "6:PGR124 12:PGR124 13:PGR122 16:PGR130",
    ),
    (
        "argo.yaml",
        """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec:
  templates:
    - name: a
      script:
        image: x
        command: [bash]
        source: |
          ionosctl dbaas postgres cluster list
    - name: b
      container:
        image: ionoscloud/ionosctl
        command: [ionosctl, dbaas, postgres]
        args: [user, list]
    - name: c
      http:
        url: https://api.ionos.com/databases/postgresql/clusters
        method: PATCH
    - name: d
      script:
        command: [python]
        source: |
          import ionoscloud_dbaas_postgres
""",
        "10:PGR124 14:PGR130 18:PGR124 19:PGR122 24:PGR133",
    ),
    (
        "Taskfile.yml",
        """\
version: '3'
vars:
  CTL: ionosctl
  API: https://api.ionos.com/databases/postgresql
  IDS:
    sh: ionosctl dbaas postgres backup list
tasks:
  a:
    desc: ionosctl dbaas postgres cluster list
    cmds:
      - ionosctl dbaas postgres cluster list
      - "{{.CTL}} dbaas postgres user list"
      - cmd: ionosctl dbaas postgres logs list
      - task: b
    status:
      - ionosctl dbaas postgres version list
  b: curl -X PATCH {{.API}}/clusters/1
""",
        "4:PGR124 6:PGR124 11:PGR124 12:PGR130 13:PGR128 16:PGR124 17:PGR122",
    ),
]


@pytest.mark.parametrize(("name", "text", "marks"), FILES, ids=[each[0] for each in FILES])
def test_every_use_of_v1_and_nothing_else(name, text, marks, tmp_path):
    assert places(tmp_path, name, text) == expect(marks)
