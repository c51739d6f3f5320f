// Command structs reads the source of a Go program and says which keys its YAML configuration takes: one object a
// struct, from each key to what it holds. Nothing of the program is built.
//
// usage: structs ROOT=DIRECTORY... PACKAGE.TYPE...   (a root is the beginning of an import path)
package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

type pack struct {
	types   map[string]ast.Expr
	files   map[string]*ast.File
	methods map[string]bool
}

var (
	roots  = map[string]string{}
	packs  = map[string]*pack{}
	result = map[string]map[string]string{}
)

func directory(path string) string {
	best := ""
	for root := range roots {
		if (path == root || strings.HasPrefix(path, root+"/")) && len(root) > len(best) {
			best = root
		}
	}
	if best == "" {
		return ""
	}
	return filepath.Join(roots[best], strings.TrimPrefix(path, best))
}

func load(path string) *pack {
	if p, ok := packs[path]; ok {
		return p
	}
	dir := directory(path)
	if dir == "" {
		return nil
	}
	p := &pack{map[string]ast.Expr{}, map[string]*ast.File{}, map[string]bool{}}
	packs[path] = p
	found, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range found {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			continue
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if t, ok := spec.(*ast.TypeSpec); ok {
						p.types[t.Name.Name] = t.Type
						p.files[t.Name.Name] = file
					}
				}
			case *ast.FuncDecl:
				if d.Recv != nil && (d.Name.Name == "UnmarshalYAML" || d.Name.Name == "UnmarshalText") {
					t := d.Recv.List[0].Type
					if star, ok := t.(*ast.StarExpr); ok {
						t = star.X
					}
					if id, ok := t.(*ast.Ident); ok {
						p.methods[id.Name] = true
					}
				}
			}
		}
	}
	return p
}

var scalars = map[string]string{
	"string": "text", "bool": "bool", "int": "int", "int64": "int", "int32": "int", "uint": "uint", "uint64": "uint",
	"uint32": "uint", "uint8": "uint", "float64": "number", "float32": "number", "any": "any", "byte": "uint",
}

var known = map[string]string{
	"model.Duration": "duration", "config.Secret": "text", "config.URL": "url", "config.SecretURL": "url",
	"relabel.Regexp": "regex", "model.LabelName": "text", "units.Base2Bytes": "bytes", "config.HostPort": "text",
	"labels.Labels": "map text", "config.Header": "list text", "time.Duration": "span", "labels.Matchers": "list text",
	"config.Matchers": "list text", "config.MatchRegexps": "map regex", "config.Regexp": "regex", "yaml.MapSlice": "any",
	"config.TLSVersion": "text", "labels.Matcher": "text", "amcommoncfg.Matchers": "list text",
}

func imported(file *ast.File, name string) string {
	for _, one := range file.Imports {
		path, _ := strconv.Unquote(one.Path.Value)
		if one.Name != nil && one.Name.Name == name {
			return path
		}
	}
	for _, one := range file.Imports {
		path, _ := strconv.Unquote(one.Path.Value)
		last := regexp.MustCompile(`(?:^|/)([^/]+?)(?:/v[0-9]+)?$`).FindStringSubmatch(path)
		if one.Name == nil && last != nil && last[1] == name {
			return path
		}
	}
	return ""
}

func describe(expr ast.Expr, path string, file *ast.File) string {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return describe(e.X, path, file)
	case *ast.ArrayType:
		return "list " + describe(e.Elt, path, file)
	case *ast.MapType:
		return "map " + describe(e.Value, path, file)
	case *ast.InterfaceType:
		return "any"
	case *ast.Ident:
		if s, ok := scalars[e.Name]; ok {
			return s
		}
		return declared(path, e.Name)
	case *ast.SelectorExpr:
		id, ok := e.X.(*ast.Ident)
		if !ok {
			return "any"
		}
		other := imported(file, id.Name)
		base := other[strings.LastIndex(other, "/")+1:]
		if s, ok := known[base+"."+e.Sel.Name]; ok {
			return s
		}
		return declared(other, e.Sel.Name)
	}
	return "any"
}

func declared(path, name string) string {
	base := path[strings.LastIndex(path, "/")+1:]
	if s, ok := known[base+"."+name]; ok {
		return s
	}
	p := load(path)
	if p == nil || p.types[name] == nil {
		return "any " + base + "." + name
	}
	switch t := p.types[name].(type) {
	case *ast.StructType:
		id := base + "." + name
		if _, ok := result[id]; !ok {
			result[id] = map[string]string{}
			fields(id, t, path, p.files[name])
		}
		if len(result[id]) == 0 {
			return "any " + id
		}
		return id
	default:
		if p.methods[name] {
			if inner := describe(p.types[name], path, p.files[name]); !strings.HasPrefix(inner, "list") && !strings.HasPrefix(inner, "map") {
				return inner
			}
		}
		return describe(p.types[name], path, p.files[name])
	}
}

func fields(id string, t *ast.StructType, path string, file *ast.File) {
	for _, field := range t.Fields.List {
		tag := ""
		if field.Tag != nil {
			text, _ := strconv.Unquote(field.Tag.Value)
			tag = reflect.StructTag(text).Get("yaml")
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "-" {
			continue
		}
		if strings.Contains(options, "inline") {
			inner := describe(field.Type, path, file)
			for key, value := range result[inner] {
				result[id][key] = value
			}
			continue
		}
		if name == "" {
			if field.Tag == nil || len(field.Names) == 0 {
				if len(field.Names) == 0 || !ast.IsExported(field.Names[0].Name) {
					continue
				}
			}
			name = strings.ToLower(field.Names[0].Name)
		}
		result[id][name] = describe(field.Type, path, file)
	}
}

func main() {
	for _, argument := range os.Args[1:] {
		if root, dir, ok := strings.Cut(argument, "="); ok {
			roots[root] = dir
		}
	}
	for _, argument := range os.Args[1:] {
		if !strings.Contains(argument, "=") {
			dot := strings.LastIndex(argument, ".")
			declared(argument[:dot], argument[dot+1:])
		}
	}
	names := make([]string, 0)
	for name := range result {
		if len(result[name]) > 0 {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	out := map[string]map[string]string{}
	for _, name := range names {
		out[name] = result[name]
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	encoder.Encode(out)
}
