"""Who may do what: policies, roles and whom they trust."""

from __future__ import annotations

import re
from collections.abc import Iterator

from devopslint.deferred import compiled
from devopslint.model import Problem
from devopslint.registry import check
from devopslint.terraform.modules import Resource, Terraform
from devopslint.terraform.policies import POLICIES, RESOURCE_POLICIES, TRUSTS, Statement, documents, statements
from devopslint.terraform.values import HOLE, Value

_WITHOUT_RESOURCE = compiled(
    r"(?i)(?!s3:desc)[\w-]+:(?:describe|list|get(?:account|metric|calleridentity|authorization))\w*\*?\Z"
)
"""Actions that take no resource: `*` is all that one can write."""
_SERVICE = compiled(
    r"(?!(?:aws-portal|ec2messages|pricing|support|supportplans|sustainability|tag):)[\w-]+:\*\Z", re.IGNORECASE
)
"""Every action of a service, of those whose actions take resources (AWS Service Authorization Reference, 2026-11)."""
_ESCALATION = frozenset(
    action.lower()
    for action in [
        "iam:AddUserToGroup",
        "iam:AttachGroupPolicy",
        "iam:AttachRolePolicy",
        "iam:AttachUserPolicy",
        "iam:CreatePolicyVersion",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteUserPermissionsBoundary",
        "iam:PassRole",
        "iam:PutGroupPolicy",
        "iam:PutRolePolicy",
        "iam:PutUserPolicy",
        "iam:SetDefaultPolicyVersion",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateLoginProfile",
        "kms:CreateGrant",
        "kms:PutKeyPolicy",
        "lambda:AddPermission",
        "s3:DeleteBucketPolicy",
        "s3:PutAccountPublicAccessBlock",
        "s3:PutBucketAcl",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "secretsmanager:PutResourcePolicy",
    ]
)
"""Actions by which one gives oneself, or anybody, more rights."""
_CREDENTIALS = frozenset(
    action.lower()
    for action in [
        "chime:CreateApiKey",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:CreateServiceSpecificCredential",
        "iam:ResetServiceSpecificCredential",
        "iam:UpdateAccessKey",
        "rds-db:connect",
        "redshift:GetClusterCredentials",
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:GetFederationToken",
        "sts:GetSessionToken",
    ]
)
"""Actions that answer with the credentials of somebody else, or with new ones."""
_DATA = frozenset(
    action.lower()
    for action in [
        "rds:CopyDBSnapshot",
        "rds:CreateDBSnapshot",
        "s3:GetObject",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
    ]
)
"""Actions that read what is stored, or copy it to where it can be read."""
_ADMIN_POLICIES = compiled(r"arn:aws[\w-]*:iam::aws:policy/(?:AdministratorAccess|IAMFullAccess)\Z")
_ADMIN_NAMES = ("AdministratorAccess", "IAMFullAccess")
"""What gives every right, or lets its holder give himself every right."""
_ADMIN_ROLES = frozenset(("roles/owner", "roles/editor"))
_GOOGLES_OWN = compiled(r"serviceAccount:(?:\d+|[^@]*\ue000[^@]*)@cloudservices\.gserviceaccount\.com\Z")
"""The agent by which Google itself makes what a project asks for: it is editor of every project, and has to be."""
_GITHUB = "token.actions.githubusercontent.com"
_SUBJECT = compiled(r"(?i)token\.actions\.githubusercontent\.com(?:/[\w-]+)?:sub\Z")
"""The key of the subject; an enterprise may have an issuer of its own, with its name behind a slash."""


def grants(terraform: Terraform) -> Iterator[Statement]:
    yield from statements(terraform, POLICIES)


def own_documents(terraform: Terraform) -> Iterator[Statement]:
    yield from documents(terraform)


def trusts(terraform: Terraform) -> Iterator[Statement]:
    yield from statements(terraform, TRUSTS)


def resource_policies(terraform: Terraform) -> Iterator[Statement]:
    yield from statements(terraform, RESOURCE_POLICIES)


def _on_everything(statement: Statement) -> bool:
    return any(one.equals("*") for one in statement.resources)


def _grants(statement: Statement) -> bool:
    return statement.allows and not statement.inverted and not statement.conditional


@check("tf-iam-star", each=(grants, own_documents))
def iam_star(statement: Statement) -> Iterator[Problem]:
    if _grants(statement) and not statement.principals and any(one.equals("*") for one in statement.actions):
        if _on_everything(statement):
            yield Problem(statement.place, f"{statement.label} allows everything on everything", statement.told)


@check("tf-iam-any-action", each=(grants, own_documents))
def iam_any_action(statement: Statement) -> Iterator[Problem]:
    if _grants(statement) and any(one.equals("*") for one in statement.actions) and not _on_everything(statement):
        yield Problem(statement.place, f"{statement.label} allows every action of every service", statement.told)


_ALL_OF_IAM = "iam:*"


@check("tf-iam-all-of-iam", each=(grants, own_documents))
def iam_all_of_iam(statement: Statement) -> Iterator[Problem]:
    if _grants(statement) and not statement.principals and _on_everything(statement):
        if any((one.text or "").lower() == _ALL_OF_IAM for one in statement.actions):
            said = f"{statement.label} may give itself every right: it allows iam:* on every resource"
            yield Problem(statement.place, said, statement.told)


WITHOUT_RESOURCES = frozenset(("ec2messages:*", "ssmmessages:*"))
"""All that sessions of Systems Manager ask for: none of it can be narrowed to a resource."""


@check("tf-iam-wildcard", each=(grants, own_documents))
def iam_wildcard(statement: Statement) -> Iterator[Problem]:
    if _grants(statement) and not statement.principals and _on_everything(statement):
        asked = (text for one in statement.actions if (text := one.text) and _SERVICE.match(text))
        wide = [text for text in asked if text.lower() not in WITHOUT_RESOURCES and text.lower() != _ALL_OF_IAM]
        if wide and not any(one.equals("*") for one in statement.actions):
            yield Problem(
                statement.place, f"{statement.label} allows {', '.join(wide[:3])} on every resource", statement.told
            )
    elif statement.allows and not statement.conditional and not statement.principals and _on_everything(statement):
        if spared := ", ".join([text for one in statement.spared if (text := one.text)][:3]):
            message = f"{statement.label} allows everything but {spared} on every resource"
            yield Problem(statement.place, message, statement.told)


def _allowed_on_everything(statement: Statement, actions: frozenset[str], may: str) -> Iterator[Problem]:
    """What comes of it where a statement allows some of these actions, by name, on every resource."""
    if not _grants(statement) or statement.principals or not _on_everything(statement):
        return
    found = ", ".join([text for one in statement.actions if (text := one.text) and text.lower() in actions][:3])
    if found:
        message = f"{statement.label} may {may}: it allows {found} on every resource"
        yield Problem(statement.place, message, statement.told)


@check("tf-iam-escalation", each=(grants, own_documents))
def iam_escalation(statement: Statement) -> Iterator[Problem]:
    yield from _allowed_on_everything(statement, _ESCALATION, "give more rights")


@check("tf-iam-credentials", each=(grants, own_documents))
def iam_credentials(statement: Statement) -> Iterator[Problem]:
    yield from _allowed_on_everything(statement, _CREDENTIALS, "get the credentials of others")


@check("tf-iam-data-reading", each=(grants, own_documents))
def iam_data_reading(statement: Statement) -> Iterator[Problem]:
    yield from _allowed_on_everything(statement, _DATA, "read what everybody stores")


@check("tf-iam-unrestricted-resource", each=(grants, own_documents))
def iam_unrestricted_resource(statement: Statement) -> Iterator[Problem]:
    if _grants(statement) and not statement.principals and _on_everything(statement):
        texts = [text for one in statement.actions if (text := one.text)]
        if any(not _WITHOUT_RESOURCE.match(text) for text in texts):
            yield Problem(statement.place, f"{statement.label} names no resource", statement.told)


def admin_grants(terraform: Terraform) -> list[Resource]:
    types = [
        "aws_iam_policy_attachment",
        "aws_iam_role_policy_attachment",
        "aws_iam_user_policy_attachment",
        "aws_iam_group_policy_attachment",
        "aws_iam_role",
        "aws_ssoadmin_managed_policy_attachment",
        "google_project_iam_member",
        "google_project_iam_binding",
        "google_folder_iam_member",
        "google_folder_iam_binding",
        "google_organization_iam_member",
        "google_organization_iam_binding",
        "azurerm_role_assignment",
    ]
    return [
        *terraform.of_types(types),
        *(one for one in terraform.resources if one.mode == "data" and one.type == "aws_iam_policy"),
    ]


@check("tf-iam-admin", each=admin_grants)
def iam_admin(grant: Resource) -> Iterator[Problem]:
    if grant.type.startswith("aws"):
        named: tuple[Value, ...] = (grant.get("policy_arn"), grant.get("arn"), grant.get("managed_policy_arn"))
        if grant.type == "aws_iam_role":
            named = grant.get("managed_policy_arns").items
        if grant.mode == "data":
            named = (*named, grant.get("name"))
        for value in named:
            if value.certainly(lambda one: bool(_ADMIN_POLICIES.match(one.text or "")) or one.text in _ADMIN_NAMES):
                given = next((name for name in _ADMIN_NAMES if name in value.shown), _ADMIN_NAMES[0])
                yield Problem(value.location, f"{grant.label} gives {given}", (*value.related, *grant.told))
        return
    role = grant.get("role_definition_name" if grant.type.startswith("azurerm") else "role")
    if grant.type.startswith("azurerm"):
        scope = grant.get("scope")
        whole = (scope.target is not None and scope.target.type == "azurerm_subscription") or scope.certainly(
            lambda one: bool(re.match(r"/subscriptions/[^/]+/?\Z", one.text or ""))
        )
        if role.equals("Owner") and whole:
            yield Problem(role.location, f"{grant.label} makes somebody owner of the subscription", grant.told)
    elif role.certainly(lambda one: one.text in _ADMIN_ROLES) and not _is_empty(grant.get("members")):
        member = grant.get("member")
        if role.equals("roles/editor") and member.kind == "scalar" and _GOOGLES_OWN.match(str(member.data)):
            return
        yield Problem(role.location, f"{grant.label} gives {role.shown}", (*role.related, *grant.told))


def _is_empty(members: Value) -> bool:
    return members.kind == "list" and not members.data and not members.open


def impersonations(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(
        [
            f"google_{level}_iam_{kind}"
            for level in ("project", "folder", "organization")
            for kind in ("member", "binding")
        ]
    )


@check("tf-iam-impersonation", each=impersonations)
def iam_impersonation(grant: Resource) -> Iterator[Problem]:
    role = grant.get("role")
    wide = ("roles/iam.serviceAccountUser", "roles/iam.serviceAccountTokenCreator", "roles/iam.workloadIdentityUser",
            "roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountKeyAdmin", "roles/dataproc.hubAgent",
            "roles/serverless.serviceAgent", "roles/cloudfunctions.serviceAgent", "roles/cloudbuild.serviceAgent",
            "roles/dataflow.serviceAgent", "roles/deploymentmanager.editor", "roles/cloudbuild.builds.editor",
            "roles/composer.admin", "roles/dataproc.editor", "roles/dataproc.admin", "roles/run.serviceAgent",
            "roles/iam.securityAdmin", "roles/compute.admin", "roles/composer.worker")  # fmt: skip
    if role.certainly(lambda one: one.text in wide):
        what = grant.type.split("_")[1]
        yield Problem(
            role.location, f"{grant.label} lets somebody act as every service account of the {what}", grant.told
        )


@check("tf-iam-default-account", each=impersonations)
def iam_default_account(grant: Resource) -> Iterator[Problem]:
    for value in (grant.get("member"), *grant.get("members").items):
        if value.target is not None and value.target.type.endswith("_default_service_account"):
            yield Problem(value.location, f"{grant.label} gives rights to a default service account", grant.told)
        if value.certainly(
            lambda one: bool(
                re.search(r"-compute@developer\.gserviceaccount\.com|@appspot\.gserviceaccount\.com", one.text or "")
            )
        ):
            yield Problem(value.location, f"{grant.label} gives rights to a default service account", grant.told)


_ADMINISTERS = compiled(r"roles/(?:owner|editor|.*[aA]dmin)\Z")
_OWN_ACCOUNT = compiled(r"(?:serviceAccount:)?[^@]*@[^@]*\.iam\.gserviceaccount\.com\Z")


@check("tf-iam-account-admin", each=impersonations)
def iam_account_admin(grant: Resource) -> Iterator[Problem]:
    role = grant.get("role")
    members = (grant.get("member"), *grant.get("members").items)
    if role.certainly(lambda one: _ADMINISTERS.match(one.text or "") is not None) and any(
        (member.target is not None and member.target.type == "google_service_account")
        or member.certainly(lambda one: _OWN_ACCOUNT.match(one.text or "") is not None)
        for member in members
    ):
        message = f"{grant.label} gives {role.shown} to a service account"
        yield Problem(role.location, message, (*role.related, *grant.told))


@check("tf-trust-anyone", each=(trusts, resource_policies, own_documents))
def trust_anyone(statement: Statement) -> Iterator[Problem]:
    if _is_search_in_network(statement) or _guards_endpoint(statement):
        return
    if statement.opens:
        said = f"{statement.label} trusts {statement.opens}, and no condition says otherwise"
        yield Problem(statement.place, said, statement.told, certain=not statement.publishes)


def _is_search_in_network(statement: Statement) -> bool:
    """Whether it is about a search domain inside a VPC, whose security groups say who reaches it."""
    texts = [text for one in statement.actions if (text := one.text)]
    if not texts or not all(text.startswith(("es:", "aoss:")) for text in texts):
        return False
    domains = statement.owner.instance.tree.of_types(["aws_elasticsearch_domain", "aws_opensearch_domain"])
    return any(domain.blocks("vpc_options") for domain in domains)


def _guards_endpoint(statement: Statement) -> bool:
    """Whether it says what goes through a VPC's endpoint: who reaches that stands inside the network."""
    owner = statement.owner
    return owner.mode == "data" and owner.target in owner.instance.tree.documents_of_endpoints


@check("tf-trust-github", each=(trusts, own_documents))
def trust_github(statement: Statement) -> Iterator[Problem]:
    federated = [one for kind, one in statement.principals if kind == "Federated"]
    github = any(_GITHUB in text for one in federated for text in one.texts) or any(
        key.startswith(_GITHUB) for _, key, _ in statement.conditions
    )
    if not statement.allows or not github:
        return
    subjects = [value for _, key, value in statement.conditions if _SUBJECT.match(key)]
    others = [
        key
        for _, key, _ in statement.conditions
        if key.lower().startswith(_GITHUB) and not key.lower().endswith((":aud", ":sub"))
    ]
    if not subjects and not others:
        yield Problem(
            statement.place, f"{statement.label} trusts the workflows of every repository on GitHub", statement.told
        )
        return
    for value in subjects:
        for one in value.items:
            if one.certainly(lambda option: bool(re.match(r"(?:repo:)?\*|repo:\*/", option.text or ""))):
                yield Problem(
                    one.location,
                    f"{statement.label} trusts the workflows of every repository on GitHub",
                    statement.told,
                )


@check("tf-trust-account", each=trusts)
def trust_account(statement: Statement) -> Iterator[Problem]:
    if not statement.allows or statement.conditional or statement.inverted:
        return
    for kind, who in statement.principals:
        if kind == "AWS" and who.certainly(
            lambda one: bool(re.match(r"\d{12}\Z|arn:aws[\w-]*:iam::\d{12}:root\Z", one.text or ""))
        ):
            yield Problem(statement.place, f"{statement.label} trusts everybody in account {who.shown}", statement.told)
            return


_CALLERS = ("source_arn", "source_account", "principal_org_id")


_WITH_POLICY = tuple(
    f"google_{one}_iam_policy"
    for one in (
        "artifact_registry_repository",
        "bigquery_dataset",
        "cloudfunctions_function",
        "kms_crypto_key",
        "kms_key_ring",
        "pubsub_topic",
        "secret_manager_secret",
    )
)
"""What is given its members by a data source."""


def _members(grant: Resource) -> Iterator[Value]:
    """Whom a grant of Google's names, by itself, in its access lists or in a policy that is a data source."""
    yield grant.get("member")
    yield from grant.get("members").items
    for access in grant.blocks("access"):
        yield access.get("special_group")
        yield access.get("iam_member")
    policy = grant.instance.tree.resource(grant.refers("policy_data")) if grant.type in _WITH_POLICY else None
    for binding in () if policy is None else policy.blocks("binding"):
        yield binding.get("member")
        yield from binding.get("members").items


def open_functions(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(
        [
            "aws_lambda_function_url",
            "aws_lambda_permission",
            "google_iam_workload_identity_pool_provider",
            "google_cloud_run_service_iam_member",
            "google_cloud_run_service_iam_binding",
            "google_cloud_run_v2_service_iam_member",
            "google_cloudfunctions_function_iam_member",
            "google_cloudfunctions_function_iam_binding",
            "google_pubsub_topic_iam_member",
            "google_pubsub_topic_iam_binding",
            "google_kms_crypto_key_iam_member",
            "google_kms_crypto_key_iam_binding",
            "google_kms_key_ring_iam_member",
            "google_kms_key_ring_iam_binding",
            "google_artifact_registry_repository_iam_member",
            "google_artifact_registry_repository_iam_binding",
            "google_bigquery_dataset_iam_member",
            "google_bigquery_dataset_iam_binding",
            "google_bigquery_dataset",
            "google_secret_manager_secret_iam_member",
            "google_secret_manager_secret_iam_binding",
            *_WITH_POLICY,
        ]
    )


@check("tf-open-function", each=open_functions)
def open_function(function: Resource) -> Iterator[Problem]:
    if function.type == "aws_lambda_function_url":
        value = function.get("authorization_type")
        if value.equals("NONE"):
            yield Problem(value.location, f"{function.label} asks nobody who calls", function.told)
    elif function.type == "aws_lambda_permission":
        value = function.get("principal")
        if value.equals("*") and all(function.absent(name) for name in _CALLERS):
            yield Problem(value.location, f"{function.label} lets everybody call", function.told)
    elif function.type == "google_iam_workload_identity_pool_provider":
        issuer = function.get("oidc.issuer_uri")
        condition = function.get("attribute_condition")
        if (_GITHUB in (issuer.text or "")) and (condition.absent or _names_no_repository(condition)):
            yield Problem(
                condition.location,
                f"{function.label} trusts the workflows of every repository on GitHub",
                function.told,
            )
    else:
        for value in _members(function):
            if value.equals("allUsers", "allAuthenticatedUsers"):
                # A web site on Cloud Run has to let them in: whoever is to sign in does so there.
                certain = not function.type.startswith("google_cloud_run_")
                said = f"{function.label} lets {value.shown} in"
                yield Problem(value.location, said, function.told, certain=certain)


def lambda_permissions(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["aws_lambda_permission"])


@check("tf-function-any-account", each=lambda_permissions)
def function_any_account(permission: Resource) -> Iterator[Problem]:
    service = permission.get("principal")
    if service.certainly(lambda one: (one.text or "").endswith(".amazonaws.com")):
        if all(permission.absent(name) for name in _CALLERS):
            message = f"{permission.label} lets {service.shown} call for anybody's account: source_arn is not set"
            yield Problem(service.location, message, permission.told)


def github_pools(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(["google_iam_workload_identity_pool_provider"])


def _exact_subjects(statement: Statement) -> Iterator[tuple[str, Value]]:
    """The subjects that are taken letter by letter, each with the operator that does so."""
    for operator, key, value in statement.conditions if statement.allows else ():
        if _SUBJECT.match(key) and operator.lower().rpartition(":")[2].startswith("stringequals"):
            yield from ((operator, one) for one in value.items)


@check("tf-github-subject-of-nobody", each=(trusts, own_documents))
def github_subject_of_nobody(statement: Statement) -> Iterator[Problem]:
    for _, one in _exact_subjects(statement):
        if one.certainly(lambda option: option.text is not None and _is_of_nobody(option.text)):
            message = f"{statement.label} trusts the subject '{one.shown}', which no workflow has"
            yield Problem(one.location, message, statement.told)


@check("tf-github-subject-star", each=(trusts, own_documents))
def github_subject_star(statement: Statement) -> Iterator[Problem]:
    for operator, one in _exact_subjects(statement):
        if one.certainly(lambda option: "*" in (option.text or "")):
            message = f"{statement.label} trusts the subject '{one.shown}', whose star {operator} takes as it is"
            yield Problem(one.location, message, statement.told)


@check("tf-github-subject-of-nobody", each=github_pools)
def github_pool_of_nobody(provider: Resource) -> Iterator[Problem]:
    condition = provider.get("attribute_condition")
    subjects = _COMPARED_SUBJECT.findall(condition.text or "")
    if _GITHUB in (provider.get("oidc.issuer_uri").text or "") and subjects and all(map(_is_of_nobody, subjects)):
        message = f"{provider.label} trusts the subject '{subjects[0]}', which no workflow has"
        yield Problem(condition.location, message, provider.told)


_COMPARED_SUBJECT = compiled(r"\bassertion\.sub\s*==\s*['\"]([^'\"$]*)['\"]")


def _is_of_nobody(subject: str) -> bool:
    """Whether GitHub never gives a workflow this subject: they are `name:value:…`, and a repository has its owner."""
    return HOLE not in subject and (":" not in subject or (subject.startswith("repo:") and "/" not in subject))


def _names_no_repository(condition: Value) -> bool:
    text = condition.text
    if text is None:
        return False
    wanted = re.search(
        r"(?:repository|repository_owner\w*|repository_id|sub|actor\w*)['\"\]]*\s*(?:==|\.startsWith|\.matches|in\b|\.contains)\s*\(?\[?['\"]?(\*|repo:\*)?",
        text,
    )
    return wanted is None or wanted[1] is not None


def user_policies(terraform: Terraform) -> list[Resource]:
    return terraform.of_types(
        [
            "aws_iam_user_policy",
            "aws_iam_user_policy_attachment",
            "aws_iam_policy_attachment",
            "aws_iam_user",
            "aws_iam_access_key",
            "google_service_account_key",
        ]
    )


@check("tf-iam-basic-role", each=impersonations)
def iam_basic_role(grant: Resource) -> Iterator[Problem]:
    role = grant.get("role")
    if role.equals("roles/viewer"):
        yield Problem(role.location, f"{grant.label} gives roles/viewer, which reads everything", grant.told)


@check("tf-iam-user-policy", each=user_policies)
def iam_user_policy(policy: Resource) -> Iterator[Problem]:
    if policy.type == "aws_iam_policy_attachment":
        users = policy.get("users")
        if users.items and not users.absent:
            yield Problem(users.location, f"{policy.label} gives rights to users, not to groups or roles", policy.told)
    elif policy.type in ("aws_iam_user_policy", "aws_iam_user_policy_attachment"):
        yield Problem(policy.location, f"{policy.label} gives rights to a user, not to a group or role", policy.told)


@check("tf-iam-user", each=user_policies)
def iam_user(user: Resource) -> Iterator[Problem]:
    if user.type in ("aws_iam_access_key", "google_service_account_key"):
        yield Problem(user.location, f"{user.label} is kept in the state, and does not expire", user.told)
    elif user.type == "aws_iam_user":
        yield Problem(user.location, f"{user.label} is a user; people sign in through an identity provider", user.told)
