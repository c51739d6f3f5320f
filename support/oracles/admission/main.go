// Holds objects against ValidatingAdmissionPolicies with the API server's own code.
//
// Each line of standard input is {"policy": a ValidatingAdmissionPolicy, "objects": [...]}, or the same with "old", an
// object that each of them is an update of; the answer is a line with a verdict an object: "admitted", "not asked" or what
// the API server says.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

type question struct {
	Policy  admissionv1.ValidatingAdmissionPolicy `json:"policy"`
	Objects []map[string]any                      `json:"objects"`
	Old     map[string]any                        `json:"old"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<28)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		compiled := compile(&asked.Policy)
		verdicts := []string{}
		for _, object := range asked.Objects {
			verdicts = append(verdicts, verdict(compiled, object, asked.Old))
		}
		if err := answers.Encode(verdicts); err != nil {
			panic(err)
		}
	}
}

// compile follows compilePolicy of the plugin, which is not exported.
func compile(policy *admissionv1.ValidatingAdmissionPolicy) validating.Validator {
	compiler, err := cel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	if err != nil {
		panic(err)
	}
	optional := cel.OptionalVariableDeclarations{HasAuthorizer: true}
	variables := []cel.NamedExpressionAccessor{}
	for _, one := range policy.Spec.Variables {
		variables = append(variables, &validating.Variable{Name: one.Name, Expression: one.Expression})
	}
	compiler.CompileAndStoreVariables(variables, optional, environment.StoredExpressions)
	conditions := []cel.ExpressionAccessor{}
	for i := range policy.Spec.MatchConditions {
		conditions = append(conditions, (*matchconditions.MatchCondition)(&policy.Spec.MatchConditions[i]))
	}
	validations, messages := []cel.ExpressionAccessor{}, []cel.ExpressionAccessor{}
	for _, one := range policy.Spec.Validations {
		validations = append(validations, &validating.ValidationCondition{
			Expression: one.Expression, Message: one.Message, Reason: one.Reason,
		})
		if one.MessageExpression != "" {
			messages = append(messages, &validating.MessageExpressionCondition{MessageExpression: one.MessageExpression})
		} else {
			messages = append(messages, nil)
		}
	}
	condition := func(expressions []cel.ExpressionAccessor, optional cel.OptionalVariableDeclarations) cel.ConditionEvaluator {
		return compiler.CompileCondition(expressions, optional, environment.StoredExpressions)
	}
	failure := admissionv1.Fail // so that an expression that breaks is seen
	return validating.NewValidator(
		condition(validations, optional),
		matchconditions.NewMatcher(condition(conditions, optional), &failure, "policy", "validate", policy.Name),
		condition(nil, optional),
		condition(messages, cel.OptionalVariableDeclarations{}),
		&failure,
		nil,
	)
}

func verdict(validator validating.Validator, object, old map[string]any) string {
	made := &unstructured.Unstructured{Object: object}
	kind := made.GroupVersionKind()
	operation := admission.Create
	var before runtime.Object
	if old != nil {
		before, operation = &unstructured.Unstructured{Object: old}, admission.Update
	}
	resource := schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: "any"}
	attributes := admission.NewAttributesRecord(
		made, before, kind, made.GetNamespace(), made.GetName(), resource, "", operation, nil, false, nil,
	)
	versioned := &admission.VersionedAttributes{
		Attributes: attributes, VersionedObject: admission.NewLazyObject(made),
		VersionedOldObject: admission.NewLazyObject(before), VersionedKind: kind,
	}
	result := validator.Validate(
		context.Background(), resource, versioned, nil, nil, celconfig.RuntimeCELCostBudget, nil,
	)
	if len(result.Decisions) == 0 {
		return "not asked"
	}
	for _, one := range result.Decisions {
		if one.Evaluation == validating.EvalError {
			return fmt.Sprintf("error: %s", one.Message)
		}
		if one.Action != validating.ActionAdmit {
			return one.Message
		}
	}
	return "admitted"
}
