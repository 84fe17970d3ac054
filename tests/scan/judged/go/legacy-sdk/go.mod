module example.com/legacy

go 1.19

require github.com/ionos-cloud/sdk-go-dbaas-postgres v1.1.2
