module support/structs
go 1.24
