#
# Talks to api.ionos.com/databases/postgresql
base = 'https://api.ionos.com/databases/postgresql'

http_request 'resize' do
  url "#{base}/clusters/#{node['warehouse']['cluster']}"
  action :patch
  headers('Authorization' => "Basic #{Base64.strict_encode64("#{user}:#{pass}")}")
  message({ properties: { ram: 8192 } }.to_json)
end

execute 'list users' do
  command "ionosctl dbaas postgres user list --cluster-id 3a5b7d63-4061-4b82-9dce-507f91b23d05 -o json"
end

bash 'backups' do
  code <<~SCRIPT
    set -e
    curl -sS -u "$U:$P" https://api.ionos.com/databases/postgresql/clusters/backups > /tmp/b
  SCRIPT
end

remote_file '/tmp/x' do
  source 'https://mirror.example.org/databases/postgresql/x'
end
