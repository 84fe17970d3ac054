defmodule Clusters do
  @base "https://api.ionos.com/databases/postgresql"
  # @old "https://api.ionos.com/databases/postgresql"

  def logs(id), do: Req.get!("https://api.ionos.com/databases/postgresql/clusters/#{id}/logs")
end
