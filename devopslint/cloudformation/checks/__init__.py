"""Rules about templates of CloudFormation."""
