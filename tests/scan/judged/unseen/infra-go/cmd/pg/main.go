package main

import (
	"context"
	"fmt"

	"example.com/infra/pkg/pg"
)

func main() {
	client := pg.New()
	list, _, _ := client.UsersApi.UsersList(context.Background(), "id").Execute()
	fmt.Println(len(list.Items))
}
