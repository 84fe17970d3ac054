class Job < ApplicationRecord
  # states: READY, BUSY, DONE
  scope :busy, -> { where(state: 'BUSY') }
  DOCS = 'https://docs.example.com/databases/postgresql'
end
