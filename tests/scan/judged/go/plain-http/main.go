package main

import (
	"fmt"
	"net/http"
)

const (
	base   = "https://api.ionos.com/databases/postgresql"
	next   = "https://postgresql.%s.ionos.com"
	mirror = "https://mirror.example.com/databases/postgresql"
)

func get(client *http.Client, id, user, password string) (*http.Response, error) {
	req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("%s/clusters/%s", base, id), nil)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(user, password)
	req.Header.Set("X-Contract-Number", "31990003")
	return client.Do(req)
}

func rename(client *http.Client, id string) (*http.Response, error) {
	req, err := http.NewRequest(http.MethodPatch, base+"/clusters/"+id, nil)
	if err != nil {
		return nil, err
	}
	return client.Do(req)
}
