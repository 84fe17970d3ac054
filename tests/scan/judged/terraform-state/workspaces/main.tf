module "auth" {
  source = "git::https://git.example.com/platform/auth.git"
}

terraform {
  backend "s3" {
    bucket = "states"
    key    = "auth/terraform.tfstate"
  }
}
