module oracles/fields
go 1.24
