def call(String cluster) {
  sh "ionosctl dbaas postgres backup list --cluster-id ${cluster}"
}
