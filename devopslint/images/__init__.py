"""What several domains say of images: what builds them, under which names, and what runs them."""
