"""Ansible: what playbooks and roles leave in the clear, take unchecked, and do to all hosts at once; style is ansible-lint's."""

from devopslint.registry import Claim, Domain, FileKind

DOMAIN = Domain(
    "ansible",
    kinds=(
        FileKind(
            "ansible-variables",
            "devopslint.ansible.variables:Variables",
            place=r"(?:^|/)(?:group_vars|host_vars)/(?:[^/]+/)*[^/.]+(?:\.(?:ya?ml|json))?$",
            signs=("group_vars", "host_vars"),
        ),
        FileKind(
            "ansible-hosts",
            "devopslint.ansible.settings:Hosts",
            names=("hosts", "hosts.ini", "inventory", "inventory.ini"),
            reads="devopslint.ansible.layout:reads_as_hosts",
        ),
        FileKind("ansible-settings", "devopslint.ansible.settings:Settings", names=("ansible.cfg",)),
        FileKind("ansible-tasks", "devopslint.ansible.playbooks:Playbook"),
        FileKind(
            "ansible-requirements",
            "devopslint.ansible.requirements:Requirements",
            place=r"(?:^|/)roles/[^/]+/meta/main\.ya?ml$",
            signs=("roles/",),
        ),
        FileKind(
            "ansible-requirements",
            "devopslint.ansible.requirements:Requirements",
            endings=("requirements.yml", "requirements.yaml"),
            mark=r"(?m)^(?:(?:roles|collections)[ \t]*:|[ \t]*-[ \t]+(?:src|name|role)[ \t]*:)",
            reads="devopslint.ansible.layout:reads_as_requirements",
        ),
        FileKind(
            "ansible-playbook",
            "devopslint.ansible.playbooks:Playbook",
            endings=(".yml", ".yaml"),
            mark=r"(?m)^(?:-[ \t]+|[ \t]+)(?:hosts|(?:ansible\.builtin\.)?import_playbook|include)[ \t]*:",
            reads="devopslint.ansible.layout:reads_as_playbook",
        ),
    ),
    claims=(
        Claim(
            (
                "ansible.cfg",
                "defaults/main.yaml",
                "defaults/main.yml",
                "handlers/main.yaml",
                "handlers/main.yml",
                "playbook.yaml",
                "playbook.yml",
                "site.yaml",
                "site.yml",
                "tasks/main.yaml",
                "tasks/main.yml",
                "vars/main.yaml",
                "vars/main.yml",
            ),
            "devopslint.ansible.layout:files_of_roles",
        ),
    ),
)
