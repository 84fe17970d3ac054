Gem::Specification.new do |spec|
  spec.name = 'tool'
  spec.version = '0.1.0'
  spec.add_dependency 'ionoscloud-dbaas-postgres', '>= 1.0'
  spec.add_dependency 'ionoscloud-dbaas-mongo'
end
