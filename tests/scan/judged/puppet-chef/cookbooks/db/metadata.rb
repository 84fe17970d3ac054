name 'db'
version '0.3.0'
