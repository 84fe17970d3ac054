from sync.api import Api

if __name__ == "__main__":
    api = Api("token-from-vault")
    for each in api.every_cluster():
        print(each["id"])
