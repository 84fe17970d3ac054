require 'net/http'
require 'ionoscloud-dbaas-postgres'

uri = URI('https://api.ionos.com/databases/postgresql/clusters')
request = Net::HTTP::Get.new(uri)
request.basic_auth(ENV['IONOS_USERNAME'], ENV['IONOS_PASSWORD'])

api = IonoscloudDbaasPostgres::DatabasesApi.new
api.databases_post('id', IonoscloudDbaasPostgres::Database.new(properties: {}))
