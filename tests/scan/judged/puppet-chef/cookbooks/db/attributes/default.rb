default['pg']['cluster'] = '9c3f5b81-2d4e-4f60-9bac-3e5d7f901b03'
# default['pg']['api'] = 'https://api.ionos.com/databases/postgresql'
default['pg']['v2'] = 'https://postgresql.de-fra.ionos.com'
