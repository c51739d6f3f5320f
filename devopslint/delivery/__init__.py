"""From a Dockerfile through a pipeline to what runs."""

from devopslint.registry import Completion, Domain, Naming

DOMAIN = Domain(
    "delivery",
    completions=(
        Completion("dockerfile", "devopslint.delivery.completed:put_away"),
        Completion("compose", "devopslint.delivery.completed:compose_put_away"),
        Completion("dockerfile", "devopslint.delivery.completed:own_images"),
        Completion("dockerfile", "devopslint.delivery.completed:unbuilt_stages"),
        Completion("dockerfile", "devopslint.delivery.completed:tools"),
        Completion("dockerfile", "devopslint.delivery.completed:given_arguments"),
        Completion("dockerfile", "devopslint.delivery.completed:needless_demands"),
        Completion("dockerfile", "devopslint.delivery.completed:harmless_copies"),
        Completion("dockerfile", "devopslint.delivery.completed:replaced_bases"),
        Completion("compose", "devopslint.delivery.completed:own_services"),
        Completion("manifest", "devopslint.delivery.skaffold:replaced_images"),
    ),
    namings=(Naming("dockerfile", "devopslint.delivery.completed:copied_settings"),),
)
