"""The checks of Terraform and OpenTofu."""
