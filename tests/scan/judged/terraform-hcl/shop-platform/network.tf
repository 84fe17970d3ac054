resource "ionoscloud_datacenter" "shop" {
  name     = "shop"
  location = "de/fra"
}

resource "ionoscloud_lan" "db" {
  datacenter_id = ionoscloud_datacenter.shop.id
  public        = false
  name          = "db"
}
