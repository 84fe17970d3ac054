require 'faraday'
require 'net/http'

module Ionos
  class Client
    BASE = 'https://api.ionos.com/databases/postgresql'.freeze
    NEXT = 'https://postgresql.de-txl.ionos.com'.freeze

    def initialize(token)
      @http = Faraday.new(url: BASE, headers: { 'Authorization' => "Bearer #{token}" })
    end

    def rename(id, name)
      @http.patch("clusters/#{id}") { |r| r.body = { properties: { displayName: name } }.to_json }
    end

    def databases(id)
      @http.get("clusters/#{id}/databases").body
    end

    def busy?(cluster)
      cluster.dig('metadata', 'state') == 'BUSY'
    end
  end
end
