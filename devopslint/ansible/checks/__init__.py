"""Rules about Ansible's playbooks, roles, variables and settings."""
