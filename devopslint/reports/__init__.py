"""One render() per format."""
