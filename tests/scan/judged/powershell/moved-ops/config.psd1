@{
    Mirror = 'https://mirror.example.com/databases/postgresql'
}
