chef_gem 'ionoscloud-dbaas-postgres' do
  version '1.0.4'
end

file '/etc/shop/api.env' do
  content "PG_API=https://api.ionos.com/databases/postgresql\n"
end

execute 'list backups' do
  command 'ionosctl dbaas postgres backup list'
end

bash 'readers' do
  code <<-EOH
    ionosctl dbaas postgres user list --cluster-id #{node['pg']['cluster']}
    ionosctl dbaas mongo user list
  EOH
end
