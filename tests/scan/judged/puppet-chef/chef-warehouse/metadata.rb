name 'warehouse'
version '1.0.0'
