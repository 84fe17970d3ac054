Rails.application.routes.draw do
  get '/databases/postgresql/clusters/:id/users', to: 'users#index'
  patch '/databases/postgresql/clusters/:id', to: 'clusters#update'
end
